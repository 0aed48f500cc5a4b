import type { ReadonlySignal } from "@preact/signals";
import type { Capabilities } from "../../../protocol/call.ts";

/** What the engine needs of this person's devices. `LocalMedia` of the pages is one; tests make their own from a canvas and an oscillator. */
export interface CallMedia {
	/** A muted microphone stays a track with `enabled = false`: silent packets go on. Null: there is no microphone. */
	readonly mic: ReadonlySignal<MediaStreamTrack | null>;
	readonly cam: ReadonlySignal<MediaStreamTrack | null>;
	readonly screen: ReadonlySignal<MediaStreamTrack | null>;
	readonly screenAudio: ReadonlySignal<MediaStreamTrack | null>;
	readonly isMicOn: ReadonlySignal<boolean>;
	readonly isCamOn: ReadonlySignal<boolean>;
	/** How loud the microphone is, 0..1; 0 while muted. */
	readonly level: ReadonlySignal<number>;
	/** `deviceId` of the loudspeaker, "" or null for the default. */
	readonly speakerID: ReadonlySignal<string | null>;
	/** A host muted us: these must obey. */
	setMic(on: boolean): unknown;
	setCam(on: boolean): unknown;
	stopScreen(): unknown;
	capabilities(): Promise<Capabilities>;
}
