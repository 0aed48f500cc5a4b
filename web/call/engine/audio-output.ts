import { signal } from "@preact/signals";

/**
 * Plays what is heard in a call: one element for every received sound, the ones not chosen at volume 0. An element that is there
 * beforehand takes over without a gap, and a receiver whose sound nobody plays would not decode.
 */
export class AudioOutput {
	/** The browser wants a click before it plays. */
	readonly isBlocked = signal(false);
	readonly #elements = new Map<MediaStreamTrack, HTMLAudioElement>();
	#sinkID = "";

	/** Prepares a sound; it is silent until `setAudible`. */
	add(track: MediaStreamTrack): void {
		if (this.#elements.has(track)) return;
		const element = document.createElement("audio");
		element.srcObject = new MediaStream([track]);
		element.autoplay = true;
		element.volume = 0;
		this.#elements.set(track, element);
		this.#route(element);
		void this.#play(element);
	}

	setAudible(track: MediaStreamTrack, isAudible: boolean): void {
		const element = this.#elements.get(track);
		const volume = isAudible ? 1 : 0;
		if (element !== undefined && element.volume !== volume) element.volume = volume;
	}

	/** Whether this sound is heard now. */
	isAudible(track: MediaStreamTrack): boolean {
		return (this.#elements.get(track)?.volume ?? 0) > 0;
	}

	/** Lets go of all sounds that are not in `tracks`. */
	keep(tracks: ReadonlySet<MediaStreamTrack>): void {
		for (const [track, element] of this.#elements) {
			if (tracks.has(track)) continue;
			element.pause();
			element.srcObject = null;
			this.#elements.delete(track);
		}
	}

	/** `deviceId` of the loudspeaker; "" for the default. */
	setSpeaker(deviceID: string): void {
		this.#sinkID = deviceID;
		for (const element of this.#elements.values()) this.#route(element);
	}

	/** After a click. */
	async resume(): Promise<void> {
		this.isBlocked.value = false;
		await Promise.allSettled([...this.#elements.values()].map((element) => this.#play(element)));
	}

	close(): void {
		this.keep(new Set());
	}

	#play(element: HTMLAudioElement): Promise<void> {
		return element.play().catch((error: unknown) => {
			// AbortError: it was let go of meanwhile. Only a refusal needs the person.
			if (error instanceof DOMException && error.name === "NotAllowedError") this.isBlocked.value = true;
		});
	}

	#route(element: HTMLAudioElement): void {
		if (!("setSinkId" in element) || element.sinkId === this.#sinkID) return;
		element.setSinkId(this.#sinkID).catch(() => {
			// The loudspeaker was unplugged: the default goes on sounding.
		});
	}
}
