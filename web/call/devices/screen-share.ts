import { type ReadonlySignal, signal } from "@preact/signals";
import { canCapture } from "../../devices/can-capture.ts";
import { type DeviceProblem, deviceProblem } from "../../devices/device-problem.ts";

/** Documents and code first: sharp, and smooth enough to scroll. */
const VIDEO = { frameRate: { ideal: 15, max: 30 }, width: { max: 1920 }, height: { max: 1080 } };

/** Members that not every browser (and not this compiler's DOM) knows: https://w3c.github.io/mediacapture-screen-share/#displaymediastreamoptions */
const CHOICES = { selfBrowserSurface: "exclude", surfaceSwitching: "include", systemAudio: "include" };

/** The screen, a window or a tab of this device, with its sound where there is one. */
export class ScreenShare {
	readonly track: ReadonlySignal<MediaStreamTrack | null>;
	readonly audio: ReadonlySignal<MediaStreamTrack | null>;
	/** Whether the sound of what is shared goes out too. */
	readonly isAudioOn: ReadonlySignal<boolean>;
	readonly problem: ReadonlySignal<DeviceProblem | null>;
	readonly isAsking: ReadonlySignal<boolean>;

	readonly #track = signal<MediaStreamTrack | null>(null);
	readonly #audio = signal<MediaStreamTrack | null>(null);
	readonly #isAudioOn = signal(false);
	readonly #problem = signal<DeviceProblem | null>(null);
	readonly #isAsking = signal(false);

	constructor() {
		this.track = this.#track;
		this.audio = this.#audio;
		this.isAudioOn = this.#isAudioOn;
		this.problem = this.#problem;
		this.isAsking = this.#isAsking;
	}

	/** True where the browser can share a screen (phones cannot). */
	get isPossible(): boolean {
		return canCapture() && "getDisplayMedia" in navigator.mediaDevices;
	}

	/** Lets the person choose what to share. A closed question is no trouble. Needs a click. */
	async start(): Promise<void> {
		this.#isAsking.value = true;
		this.#problem.value = null;
		try {
			const options = { ...CHOICES, video: VIDEO, audio: true };
			this.#take(await navigator.mediaDevices.getDisplayMedia(options));
		} catch (error) {
			const problem = deviceProblem(error, canCapture(), "both");
			const isChoice = problem.kind === "denied" || problem.kind === "dismissed";
			this.#problem.value = isChoice ? null : { ...problem, title: "The screen could not be shared" };
		} finally {
			this.#isAsking.value = false;
		}
	}

	/** Sends or holds back the sound of what is shared. */
	setAudio(isOn: boolean): void {
		const audio = this.#audio.value;
		if (audio === null) return;
		audio.enabled = isOn;
		this.#isAudioOn.value = isOn;
	}

	stop(): void {
		this.#track.value?.stop();
		this.#audio.value?.stop();
		this.#track.value = null;
		this.#audio.value = null;
		this.#isAudioOn.value = false;
	}

	#take(media: MediaStream): void {
		const [video] = media.getVideoTracks();
		const [audio] = media.getAudioTracks();
		this.stop();
		if (video === undefined) return;
		video.contentHint = "detail";
		video.addEventListener("ended", () => {
			if (this.#track.value === video) this.stop();
		});
		if (audio !== undefined) audio.contentHint = "music";
		this.#audio.value = audio ?? null;
		this.#isAudioOn.value = audio !== undefined;
		this.#track.value = video;
	}
}
