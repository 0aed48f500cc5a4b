import { type Signal, signal } from "@preact/signals";
import type { Capabilities } from "../../protocol/call.ts";
import type { CallMedia } from "../../web/call/engine/call-media.ts";

/** How one person's picture is made. */
export interface Picture {
	width: number;
	height: number;
	fps: number;
}

/** Paints in a thread of its own, as a camera does: a busy page must not look like a broken network. */
const PAINTER = `
onmessage = ({ data: { width, height, fps, hue, writable } }) => {
	const writer = writable.getWriter();
	const canvas = new OffscreenCanvas(width, height);
	const context = canvas.getContext("2d");
	const beganAt = performance.now();
	let frame = 0;
	setInterval(() => {
		frame += 1;
		context.fillStyle = "hsl(" + hue + " 60% " + (30 + (frame % 8) * 5) + "%)";
		context.fillRect(0, 0, width, height);
		context.fillStyle = "white";
		for (let index = 0; index < 12; index += 1) {
			const x = (index * 97 + frame * 9) % width;
			context.fillRect(x, (index * 53) % height, width / 12, height / 12);
		}
		const timestamp = Math.round((performance.now() - beganAt) * 1000);
		writer.write(new VideoFrame(canvas, { timestamp })).catch(() => close());
	}, 1000 / fps);
};`;

declare global {
	/** https://w3c.github.io/mediacapture-transform/ in Chromium's older form, which pages have too. */
	class MediaStreamTrackGenerator extends MediaStreamTrack {
		constructor(init: { kind: "video" | "audio" });
		readonly writable: WritableStream<VideoFrame>;
	}
	class MediaStreamTrackProcessor {
		constructor(init: { track: MediaStreamTrack });
		readonly readable: ReadableStream<VideoFrame>;
	}
}

/** One clock for sounds of all people in the page: each AudioContext is a thread. */
let audioContext: AudioContext | null = null;

export function sharedAudio(): AudioContext {
	audioContext ??= new AudioContext();
	return audioContext;
}

/** Devices made of a canvas and an oscillator. The picture moves all the time; the tone never stops. */
export class PageMedia implements CallMedia {
	readonly mic: Signal<MediaStreamTrack | null> = signal(null);
	readonly cam: Signal<MediaStreamTrack | null> = signal(null);
	readonly screen: Signal<MediaStreamTrack | null> = signal(null);
	readonly screenAudio: Signal<MediaStreamTrack | null> = signal(null);
	readonly isMicOn = signal(true);
	readonly isCamOn = signal(false);
	readonly level = signal(0);
	readonly speakerID = signal<string | null>(null);
	readonly #picture: Picture;
	readonly #hue: number;
	readonly #limits: Partial<Capabilities>;
	readonly #stops: (() => void)[] = [];

	constructor(picture: Picture, hue: number, limits: Partial<Capabilities>) {
		this.#picture = picture;
		this.#hue = hue;
		this.#limits = limits;
	}

	setMic(on: boolean): void {
		this.isMicOn.value = on;
		if (on) this.mic.value ??= this.#tone(300 + this.#hue);
		if (this.mic.value !== null) this.mic.value.enabled = on;
	}

	/** Another microphone: the old device is gone at once, as it is when one is unplugged. */
	changeMic(): void {
		const old = this.mic.value;
		this.mic.value = this.#tone(500 + this.#hue);
		old?.stop();
	}

	setCam(on: boolean): void {
		if (on) this.cam.value ??= this.#canvas(this.#picture);
		else this.cam.value?.stop();
		if (!on) this.cam.value = null;
		this.isCamOn.value = on;
	}

	changeCam(): void {
		const old = this.cam.value;
		this.cam.value = this.#canvas(this.#picture);
		old?.stop();
	}

	startScreen(): void {
		this.screenAudio.value = this.#tone(900);
		this.screen.value = this.#canvas({ width: 320, height: 180, fps: 5 });
	}

	stopScreen(): void {
		this.screen.value?.stop();
		this.screenAudio.value?.stop();
		this.screen.value = null;
		this.screenAudio.value = null;
	}

	capabilities(): Promise<Capabilities> {
		return Promise.resolve({
			sendCodecs: ["vp8", "h264", "opus"],
			recvCodecs: ["vp8", "h264", "opus"],
			maxWidth: 1920,
			maxHeight: 1080,
			maxFps: 30,
			...this.#limits,
		});
	}

	stop(): void {
		for (const stop of this.#stops) stop();
		for (const track of [this.mic, this.cam, this.screen, this.screenAudio]) track.value?.stop();
	}

	#canvas(picture: Picture): MediaStreamTrack {
		const generator = new MediaStreamTrackGenerator({ kind: "video" });
		const worker = new Worker(URL.createObjectURL(new Blob([PAINTER], { type: "text/javascript" })));
		worker.postMessage({ ...picture, hue: this.#hue, writable: generator.writable }, [generator.writable]);
		this.#stops.push(() => worker.terminate());
		const { width, height } = picture;
		// A camera says how large its picture is; a generator does not.
		generator.getSettings = () => ({ width, height });
		return generator;
	}

	#tone(frequency: number): MediaStreamTrack {
		const context = sharedAudio();
		const oscillator = new OscillatorNode(context, { frequency });
		const gain = new GainNode(context, { gain: 0.3 });
		const destination = context.createMediaStreamDestination();
		oscillator.connect(gain).connect(destination);
		oscillator.start();
		this.#stops.push(() => oscillator.stop());
		return only(destination.stream.getAudioTracks());
	}
}

function only(tracks: MediaStreamTrack[]): MediaStreamTrack {
	const [track] = tracks;
	if (track === undefined) throw new Error("no track");
	return track;
}
