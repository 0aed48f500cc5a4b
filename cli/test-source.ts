import type { Writable } from "node:stream";
import { clockHeight, drawClock } from "./burned-clock.ts";

export type TestSourceFormat = { width: number; height: number; framesPerSecond: number };

export const TEST_SAMPLE_RATE = 48_000;
/** How long flash and beep last at each full second of the wall clock. */
const MARK_MS = 100;
const BACKGROUND_TONE = { hertz: 220, amplitude: 0.03 };
const BEEP = { hertz: 1_000, amplitude: 0.5 };
const PACE_MS = 5;

/**
 * Makes a moving picture with the wall clock burned in, and a quiet tone; at every full second of the wall clock a square flashes
 * and a beep sounds, by which picture and sound can be compared. Raw I420 frames and mono 16-bit samples go to two streams in real time.
 */
export class TestSource {
	readonly #format: TestSourceFormat;
	readonly #outputs: { video: Writable; audio: Writable };
	/** Wall clock of the first frame and sample. */
	readonly #startsAt: number;
	readonly #background: Buffer;
	#frames = 0;
	#samples = 0;
	#timer: NodeJS.Timeout | null = null;

	constructor(format: TestSourceFormat, outputs: { video: Writable; audio: Writable }, startsAt: number) {
		this.#format = format;
		this.#outputs = outputs;
		this.#startsAt = startsAt;
		this.#background = backgroundPicture(format);
	}

	start(): void {
		this.#timer = setInterval(() => this.#produce(Date.now()), PACE_MS);
	}

	stop(): void {
		if (this.#timer !== null) clearInterval(this.#timer);
		this.#outputs.video.end();
		this.#outputs.audio.end();
	}

	/** Everything that is due by now. */
	#produce(now: number): void {
		const { framesPerSecond } = this.#format;
		while (this.#startsAt + (this.#frames * 1000) / framesPerSecond <= now) {
			const at = this.#startsAt + (this.#frames * 1000) / framesPerSecond;
			this.#outputs.video.write(drawFrame(this.#format, this.#background, this.#frames, at));
			this.#frames += 1;
			const untilSample = Math.round((this.#frames * TEST_SAMPLE_RATE) / framesPerSecond);
			this.#outputs.audio.write(renderSound(this.#startsAt, this.#samples, untilSample));
			this.#samples = untilSample;
		}
	}
}

/** One I420 frame. */
export function drawFrame(format: TestSourceFormat, background: Buffer, index: number, at: number): Buffer {
	const { width, height } = format;
	const frame = Buffer.allocUnsafe((width * height * 3) / 2);
	const shift = (index * 4) % width;
	for (let y = 0; y < height; y += 1) {
		background.copy(frame, y * width, y * width * 2 + shift, y * width * 2 + shift + width);
	}
	frame.fill(128 + Math.round(40 * Math.sin(index / 60)), width * height, (width * height * 5) / 4);
	frame.fill(128 - Math.round(40 * Math.cos(index / 45)), (width * height * 5) / 4);
	drawClock({ samples: frame, width, height, pixelBytes: 1 }, at);
	drawFlash(frame, format, isMarked(at));
	return frame;
}

/** Twice as wide as the picture, so that it can be moved past: waves and a fixed grain, to give the encoder as much to do as a camera does. */
export function backgroundPicture({ width, height }: TestSourceFormat): Buffer {
	const picture = Buffer.allocUnsafe(width * 2 * height);
	let grain = 1;
	for (let y = 0; y < height; y += 1) {
		for (let x = 0; x < width; x += 1) {
			grain = (grain * 1_103_515_245 + 12_345) % 2_147_483_648;
			const wave = Math.sin((x / width) * 8 * Math.PI) + Math.sin((y / height) * 5 * Math.PI);
			const value = 110 + Math.round(wave * 35) + ((grain >> 16) % 8);
			picture[y * width * 2 + x] = value;
			picture[y * width * 2 + width + x] = value;
		}
	}
	return picture;
}

/** Samples from one index up to another, counted from `startsAt`. */
export function renderSound(startsAt: number, fromSample: number, untilSample: number): Buffer {
	const bytes = Buffer.allocUnsafe((untilSample - fromSample) * 2);
	for (let sample = fromSample; sample < untilSample; sample += 1) {
		const at = startsAt + (sample * 1000) / TEST_SAMPLE_RATE;
		const tone = isMarked(at) ? BEEP : BACKGROUND_TONE;
		const value = Math.sin((2 * Math.PI * tone.hertz * sample) / TEST_SAMPLE_RATE) * tone.amplitude;
		bytes.writeInt16LE(Math.round(value * 32_767), (sample - fromSample) * 2);
	}
	return bytes;
}

/** The square in the middle of the lower half that flashes with the beep. */
export function flashRectangle({ width, height }: { width: number; height: number }) {
	const side = Math.round(height / 6);
	const left = Math.round((width - side) / 2);
	const top = Math.max(clockHeight(height), Math.round(height * 0.65));
	return { left, top, right: left + side, bottom: top + side };
}

function isMarked(at: number): boolean {
	return at % 1000 < MARK_MS;
}

function drawFlash(frame: Buffer, format: TestSourceFormat, isBright: boolean): void {
	const { left, top, right, bottom } = flashRectangle(format);
	for (let y = top; y < bottom; y += 1) {
		frame.fill(isBright ? 235 : 16, y * format.width + left, y * format.width + right);
	}
}
