import { useMemo } from "preact/hooks";
import { type Shortcut, useShortcuts } from "../../shell/shortcuts.ts";
import { toggleFullscreen } from "../bar/more-menu.tsx";
import { canOpenWindow, openCallWindow } from "./call-window.tsx";
import type { RoomModel } from "./room-model.ts";

type Entry = readonly [keys: readonly string[], label: string, run: (key: string) => void];

/** The keyboard map of a call. Ctrl+D and Ctrl+E are what other calls use; they are kept from the browser here. */
export function useCallShortcuts(room: RoomModel): void {
	const list = useMemo<Shortcut[]>(
		() =>
			[...deviceKeys(room), ...roomKeys(room), ...viewKeys(room)].map(([keys, label, run]) => ({
				keys,
				label,
				group: "Call",
				run,
			})),
		[room],
	);
	useShortcuts(list);
}

function deviceKeys({ media }: RoomModel): Entry[] {
	return [
		[["Ctrl+d", "Meta+d", "m"], "Mute or unmute", () => void media.setMic(!media.isMicOn.value)],
		[["Ctrl+e", "Meta+e", "v"], "Camera on or off", () => void media.setCam(!media.isCamOn.value)],
		// Listed here; pressed and released in usePushToTalk, which comes first.
		[["Space"], "Hold to talk while muted", () => undefined],
		[
			["Ctrl+Alt+s"],
			"Share the screen, or stop",
			() => (media.screen.value === null ? void media.startScreen() : media.stopScreen()),
		],
	];
}

function roomKeys(room: RoomModel): Entry[] {
	const { call } = room;
	return [
		[
			["Ctrl+Alt+h"],
			"Raise or lower your hand",
			() => call.raiseHand((call.self.value?.handRaisedAt ?? null) === null),
		],
		[["Ctrl+Alt+c", "x"], "Chat", () => room.togglePanel("chat")],
		[["Ctrl+Alt+p"], "People", () => room.togglePanel("people")],
		[["q"], "Connection quality", () => room.togglePanel("quality")],
		[["Ctrl+Alt+l"], "Leave the call", () => call.leave()],
	];
}

function viewKeys(room: RoomModel): Entry[] {
	const window: Entry[] = canOpenWindow()
		? [[["p"], "Small window above others", () => void openCallWindow(room)]]
		: [];
	return [
		[["w"], "Next layout", () => room.nextMode()],
		[
			["1", "2", "3", "4", "5", "6", "7", "8", "9"],
			"Pin a person, or let go",
			(key) => room.focusNumber(Number(key)),
		],
		[["0"], "Nobody pinned", () => room.focusNumber(0)],
		[["PageDown"], "Next page of people", () => room.turnPage(1)],
		[["PageUp"], "Previous page of people", () => room.turnPage(-1)],
		...window,
		[["f"], "Full screen", () => void toggleFullscreen()],
	];
}
