import { effect } from "@preact/signals";
import { render } from "preact";
import type { LatencyMode } from "../../../protocol/live.ts";
import { FreezeFrame } from "./freeze-frame.ts";
import { LivePill } from "./live-pill.tsx";
import { Playback } from "./playback.ts";
import styles from "./player.module.css";
import { PlayerExtras } from "./player-extras.tsx";
import { PlayerModel } from "./player-model.ts";
import { PlayerOverlay } from "./player-overlay.tsx";
import { buildPlayer, type PlayerParts } from "./player-template.ts";
import { SideTracks } from "./side-tracks.ts";
import type { PlayerSource, PlayerStats, SourceExtras } from "./source.ts";

/**
 * `<rostrum-player>`: plays a stream by WebRTC, LL-HLS or HLS behind one face. Give it a source with `open()`.
 * `data-mode` and `data-state` mirror the model; `data-previewing`: a picture of another moment is shown. Events: `rostrum-over` (the stream's playlist ended), `rostrum-theatre`.
 */
export class RostrumPlayer extends HTMLElement {
	readonly model = new PlayerModel();
	#parts: PlayerParts | null = null;
	#playback: Playback | null = null;
	#tracks: SideTracks | null = null;
	#waiting: PlayerSource | null = null;
	#dispose: (() => void) | null = null;

	connectedCallback(): void {
		if (this.#parts !== null) return;
		this.classList.add(...(styles.player ?? "").split(" "));
		const parts = buildPlayer(this);
		this.#parts = parts;
		this.#playback = new Playback(parts.video, new FreezeFrame(parts.video, parts.freeze), this.model);
		this.#tracks = new SideTracks(parts.video, this.model);
		render(<PlayerOverlay player={this} />, parts.overlay);
		render(<LivePill player={this} />, parts.pill);
		render(<PlayerExtras player={this} />, parts.extras);
		for (const name of ["pointerenter", "pointerleave", "pointercancel"])
			parts.range.addEventListener(name, () => this.#preview(name === "pointerenter"));
		this.#dispose = effect(() => this.#mirror());
		if (this.#waiting !== null) this.open(this.#waiting);
	}

	disconnectedCallback(): void {
		this.#playback?.close();
		this.#tracks?.clear();
		this.#dispose?.();
		if (this.#parts !== null) {
			for (const mount of [this.#parts.overlay, this.#parts.pill, this.#parts.extras]) render(null, mount);
		}
		this.replaceChildren();
		this.#parts = null;
		this.#playback = null;
		this.#tracks = null;
	}

	/** Plays `source` instead of what was played before. */
	open(source: PlayerSource): void {
		this.#waiting = this.#playback === null ? source : null;
		if (this.model.source.value?.streamID !== source.streamID) this.#tracks?.clear();
		this.#playback?.open(source);
		if (this.#parts !== null && "mediaSession" in navigator) {
			navigator.mediaSession.metadata = new MediaMetadata({ title: source.title, artist: source.artist });
		}
	}

	/** What lies beside the media of the source that is open: poster, pictures on the scrubber, chapters, captions. */
	setExtras(extras: SourceExtras): void {
		this.#tracks?.set(extras);
	}

	/** Shows captions in a language, null = none, and remembers the choice. */
	chooseCaptions(language: string | null): void {
		this.#tracks?.choose(language);
	}

	/** Captions on or off. */
	toggleCaptions(): void {
		this.#tracks?.toggleCaptions();
	}

	/** Speed of a recording; 1 is as it was made. */
	setRate(rate: number): void {
		if (this.video !== null && !this.model.isLive.value) this.video.playbackRate = rate;
	}

	/** Stops. */
	close(): void {
		this.#waiting = null;
		this.#tracks?.clear();
		this.#playback?.close();
	}

	/** Switches between the live modes. */
	setMode(mode: LatencyMode): void {
		this.#playback?.setMode(mode);
	}

	/** Chooses a quality by its index in `model.qualities`; -1 = automatically. */
	setQuality(index: number): void {
		this.#playback?.setQuality(index);
	}

	/** To the newest picture, playing. */
	goLive(): void {
		this.#playback?.goLive();
	}

	/** Tries again after an error. */
	retry(): void {
		this.#playback?.retry();
	}

	/** The encoder is gone (its grace runs), or is back. */
	setInterrupted(isInterrupted: boolean): void {
		this.#playback?.setInterrupted(isInterrupted);
	}

	/** Plays, from a tap. */
	play(): void {
		void this.#playback?.play();
	}

	/** Sound on, from a tap. */
	unmute(): void {
		const { video } = this;
		if (video === null) return;
		video.muted = false;
		if (video.volume === 0) video.volume = 0.5;
		this.model.isMutedByBrowser.value = false;
	}

	/** Asks the page for more room. */
	toggleTheatre(): void {
		this.model.isTheatre.value = !this.model.isTheatre.value;
		this.dispatchEvent(new Event("rostrum-theatre", { bubbles: true }));
	}

	/** What goes full screen together with the picture, as an overlay of the page. */
	set fullscreenTarget(element: HTMLElement) {
		const controller = this.#parts?.controller;
		if (controller !== undefined) Object.assign(controller, { fullscreenElement: element });
	}

	/** Sound alone: the controls stay, as there is no picture to be covered. */
	set isSound(isSound: boolean) {
		this.#parts?.controls.toggleAttribute("noautohide", isSound);
	}

	/** The video element; null while the player is not on the page. */
	get video(): HTMLVideoElement | null {
		return this.#parts?.video ?? null;
	}

	/** Presses a button of the control bar, for shortcuts. */
	press(button: "fullscreen" | "pip" | "mute"): void {
		const pressed = this.querySelector(`media-${button}-button`);
		if (pressed instanceof HTMLElement) pressed.click();
	}

	/** The figures of now: "stats for nerds", and what tests look at. Null while the player is not on the page. */
	stats(): PlayerStats | null {
		return this.#playback?.stats() ?? null;
	}

	/** A picture of another moment is shown over the scrubber: what else lies there makes room. */
	#preview(isShown: boolean): void {
		this.dataset.previewing = String(isShown);
	}

	#mirror(): void {
		const { mode, state, isBehind, canSeek, isLive } = this.model;
		this.dataset.mode = mode.value;
		this.dataset.state = state.value;
		this.dataset.behind = String(isBehind.value);
		this.dataset.seekable = String(canSeek.value);
		this.dataset.live = String(isLive.value);
	}
}

if (customElements.get("rostrum-player") === undefined)
	customElements.define("rostrum-player", RostrumPlayer);
