import { rememberedLanguage, rememberLanguage } from "./caption-style.ts";
import type { PlayerModel } from "./player-model.ts";
import type { CaptionChoice, SourceExtras } from "./source.ts";
import { absoluteStoryboard, chaptersVtt } from "./storyboard.ts";

/**
 * What lies beside a recording: poster, pictures on the scrubber, chapters, captions. Captions are read by the browser and drawn by the
 * player, so that the control bar never covers them and people can style them.
 */
export class SideTracks {
	readonly #video: HTMLVideoElement;
	readonly #model: PlayerModel;
	#work = new AbortController();
	#blobs: string[] = [];

	constructor(video: HTMLVideoElement, model: PlayerModel) {
		this.#video = video;
		this.#model = model;
	}

	/** Shows these instead of what was there. */
	set(extras: SourceExtras): void {
		this.clear();
		const { signal } = this.#work;
		if (extras.poster !== null) this.#video.poster = extras.poster;
		if (extras.chapters.length > 0) {
			const vtt = chaptersVtt(extras.chapters, extras.durationMs);
			this.#add({ kind: "chapters", label: "chapters", src: this.#blob(vtt), isDefault: true });
		}
		if (extras.storyboard !== null) {
			this.#loadStoryboard(new URL(extras.storyboard, location.href).href, signal).catch(() => {
				// Only pictures on the scrubber: seeking works without them.
			});
		}
		this.#model.captions.value = extras.captions;
		this.showCaptions(this.#wanted(extras.captions));
	}

	/** Takes everything away. */
	clear(): void {
		this.#work.abort();
		this.#work = new AbortController();
		for (const track of this.#video.querySelectorAll("track")) track.remove();
		for (const url of this.#blobs.splice(0)) URL.revokeObjectURL(url);
		this.#video.removeAttribute("poster");
		this.#model.captions.value = [];
		this.#model.caption.value = null;
		this.#model.cues.value = [];
	}

	/** Switches captions: by language, null = off. */
	showCaptions(language: string | null): void {
		for (const old of this.#video.querySelectorAll("track[kind='captions']")) old.remove();
		this.#model.cues.value = [];
		const choice = this.#model.captions.value.find((each) => each.language === language);
		this.#model.caption.value = choice?.language ?? null;
		if (choice === undefined) return;
		const element = this.#add({ kind: "captions", label: choice.label, src: choice.url, isDefault: false });
		element.srclang = choice.language;
		const { track } = element;
		// Read but not drawn: the player draws.
		track.mode = "hidden";
		track.addEventListener("cuechange", () => {
			this.#model.cues.value = [...(track.activeCues ?? [])].flatMap(textOf);
		});
	}

	/** Captions on, in the language that was chosen last or the first there is; or off. */
	toggleCaptions(): void {
		const { captions, caption } = this.#model;
		const next =
			caption.value === null ? (this.#wanted(captions.value) ?? captions.value[0]?.language) : null;
		if (captions.value.length === 0) {
			this.#model.say("There are no captions.");
			return;
		}
		this.choose(next ?? null);
	}

	/** What a person chose: it is kept for the next work too. */
	choose(language: string | null): void {
		rememberLanguage(language);
		this.showCaptions(language);
	}

	#wanted(captions: readonly CaptionChoice[]): string | null {
		const language = rememberedLanguage();
		return captions.find((each) => each.language === language)?.language ?? null;
	}

	async #loadStoryboard(url: string, signal: AbortSignal): Promise<void> {
		const response = await fetch(url, { signal });
		if (!response.ok) throw new Error(`storyboard: ${response.status}`);
		const vtt = absoluteStoryboard(await response.text(), url);
		if (signal.aborted) return;
		this.#add({ kind: "metadata", label: "thumbnails", src: this.#blob(vtt), isDefault: true });
	}

	#add(parts: { kind: string; label: string; src: string; isDefault: boolean }): HTMLTrackElement {
		const track = document.createElement("track");
		track.kind = parts.kind;
		track.label = parts.label;
		track.default = parts.isDefault;
		track.src = parts.src;
		this.#video.append(track);
		// The browser reads a track only when it is switched on.
		if (parts.isDefault) track.track.mode = "hidden";
		return track;
	}

	#blob(vtt: string): string {
		const url = URL.createObjectURL(new Blob([vtt], { type: "text/vtt" }));
		this.#blobs.push(url);
		return url;
	}
}

function textOf(cue: TextTrackCue): string[] {
	if (!("text" in cue) || typeof cue.text !== "string") return [];
	const plain = cue instanceof VTTCue ? (cue.getCueAsHTML().textContent ?? "") : cue.text;
	return plain.split("\n").filter((line) => line.trim() !== "");
}
