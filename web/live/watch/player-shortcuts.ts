import { useMemo } from "preact/hooks";
import { type Shortcut, useShortcuts } from "../../shell/shortcuts.ts";
import type { RostrumPlayer } from "../player/player-element.tsx";
import { RATES } from "../player/settings-pages.tsx";

const STEP_SECONDS = 5;
const LEAP_SECONDS = 10;
/** One frame of a 30 fps stream, for stepping while paused. */
const FRAME_SECONDS = 1 / 30;
const NONE: Shortcut[] = [];

/** The keys of the player, while there is one. `chat` are the page's own; null: it has no chat. */
export function usePlayerShortcuts(player: RostrumPlayer | null, chat: { toggle: () => void } | null): void {
	const toggle = chat?.toggle ?? null;
	const list = useMemo(() => {
		if (player === null) return NONE;
		const own = toggle === null ? recorded(player) : live(player, toggle);
		return [...playing(player), ...seeking(player), ...own];
	}, [player, toggle]);
	useShortcuts(list);
}

function playing(player: RostrumPlayer): Shortcut[] {
	const group = "Player" as const;
	return [
		{ keys: ["k", "Space"], label: "Play or pause", group, run: () => togglePlay(player) },
		{ keys: ["m"], label: "Mute", group, run: () => player.press("mute") },
		{ keys: ["ArrowUp"], label: "Louder", group, run: () => changeVolume(player, 0.05) },
		{ keys: ["ArrowDown"], label: "Quieter", group, run: () => changeVolume(player, -0.05) },
		{ keys: ["f"], label: "Full screen", group, run: () => player.press("fullscreen") },
		{ keys: ["t", "Alt+t"], label: "Theatre", group, run: () => player.toggleTheatre() },
		{ keys: ["p"], label: "Picture in picture", group, run: () => player.press("pip") },
		{ keys: ["<"], label: "Slower", group, run: () => changeRate(player, -1) },
		{ keys: [">"], label: "Faster", group, run: () => changeRate(player, 1) },
	];
}

function seeking(player: RostrumPlayer): Shortcut[] {
	const group = "Player" as const;
	return [
		{ keys: ["ArrowLeft"], label: "5 s back", group, run: () => seekBy(player, -STEP_SECONDS) },
		{ keys: ["ArrowRight"], label: "5 s on", group, run: () => seekBy(player, STEP_SECONDS) },
		{ keys: ["j"], label: "10 s back", group, run: () => seekBy(player, -LEAP_SECONDS) },
		{ keys: ["l"], label: "10 s on", group, run: () => seekBy(player, LEAP_SECONDS) },
		{ keys: [","], label: "One frame back", group, run: () => stepFrame(player, -FRAME_SECONDS) },
		{ keys: ["."], label: "One frame on", group, run: () => stepFrame(player, FRAME_SECONDS) },
		{ keys: ["Home"], label: "To the start", group, run: () => seekTo(player, 0) },
		{
			keys: ["0", "1", "2", "3", "4", "5", "6", "7", "8", "9"],
			label: "To 0 % to 90 %",
			group,
			run: (digit) => seekTo(player, Number(digit) / 10),
		},
	];
}

function recorded(player: RostrumPlayer): Shortcut[] {
	const group = "Player" as const;
	return [
		{ keys: ["End"], label: "To the end", group, run: () => seekTo(player, 1) },
		{ keys: ["c"], label: "Captions", group, run: () => player.toggleCaptions() },
	];
}

function live(player: RostrumPlayer, toggleChat: () => void): Shortcut[] {
	const group = "Live and chat" as const;
	return [
		{ keys: ["Shift+ArrowRight", "End"], label: "Jump to live", group, run: () => toEnd(player) },
		{ keys: ["x"], label: "Hide or show the chat", group, run: toggleChat },
		{
			keys: ["Enter"],
			label: "Write in the chat (Esc leaves it)",
			group,
			run: () => document.getElementById("chat-input")?.focus(),
		},
	];
}

function togglePlay(player: RostrumPlayer): void {
	const { video } = player;
	if (video === null) return;
	if (video.paused) player.play();
	else video.pause();
}

function changeVolume(player: RostrumPlayer, change: number): void {
	const { video } = player;
	if (video === null) return;
	video.volume = Math.min(1, Math.max(0, video.volume + change));
	if (change > 0) video.muted = false;
}

function changeRate(player: RostrumPlayer, step: number): void {
	const { video, model } = player;
	if (video === null || model.isLive.value) return;
	const at = RATES.indexOf(video.playbackRate);
	const from = at === -1 ? RATES.indexOf(1) : at;
	player.setRate(RATES[Math.min(RATES.length - 1, Math.max(0, from + step))] ?? 1);
	model.say(`Speed ${video.playbackRate}×`);
}

/** What can be reached, seconds of media time; null where there is no going back, as in WebRTC. */
function reach(player: RostrumPlayer): { video: HTMLVideoElement; start: number; end: number } | null {
	const { video, model } = player;
	if (video === null || video.seekable.length === 0) return null;
	if (!model.canSeek.value) {
		if (model.mode.value === "realtime") model.say("Realtime has no past. Choose low latency to go back.");
		return null;
	}
	return { video, start: video.seekable.start(0), end: video.seekable.end(video.seekable.length - 1) };
}

function seekBy(player: RostrumPlayer, seconds: number): void {
	const range = reach(player);
	if (range === null) return;
	const { video, start, end } = range;
	video.currentTime = Math.min(end, Math.max(start, video.currentTime + seconds));
}

function seekTo(player: RostrumPlayer, fraction: number): void {
	const range = reach(player);
	if (range !== null) range.video.currentTime = range.start + (range.end - range.start) * fraction;
}

function toEnd(player: RostrumPlayer): void {
	if (player.model.isLive.value) player.goLive();
	else seekTo(player, 1);
}

function stepFrame(player: RostrumPlayer, seconds: number): void {
	if (player.video?.paused === true) seekBy(player, seconds);
}
