import { durationOf, type MovieTrack, shownAt } from "../../domain/streaming/movie.ts";

export type PacketScan = {
	packets: number;
	/** End of the last packet on the presentation timeline. */
	endSeconds: number;
	/** In order, on the presentation timeline. */
	keyframes: number[];
	isVariableRate: boolean;
};

/** 12 hours at 120 pictures a second. */
const MAX_PACKETS = 6_000_000;
/** Times in Matroska are whole milliseconds: pictures of 30 a second come after 33 or 34. */
const JITTER = { seconds: 0.0021, share: 0.1 };
/** A few odd pictures, at a splice or at the ends, do not make a variable rate. */
const ODD_SHARE = 0.01;

/** Reads one stream's packets, however many there are: ffprobe's lines `pts,duration,flags`, or a file's index. */
export class PacketScanner {
	readonly #startSeconds: number;
	readonly #keyframes: number[] = [];
	#times = new Float64Array(4096);
	#packets = 0;
	#timed = 0;
	#end = 0;

	/** `startSeconds`: what the file's clock shows at time 0 of the presentation. */
	constructor(startSeconds: number) {
		this.#startSeconds = startSeconds;
	}

	async read(pipe: AsyncIterable<Uint8Array>): Promise<void> {
		const decoder = new TextDecoder();
		let rest = "";
		for await (const chunk of pipe) {
			const lines = (rest + decoder.decode(chunk, { stream: true })).split("\n");
			rest = lines.pop() ?? "";
			for (const line of lines) this.#line(line);
		}
		this.#line(rest);
	}

	/** The first `count` samples of a track. */
	readTrack(track: MovieTrack, count: number): void {
		for (let index = 0; index < count; index += 1) {
			const seconds = durationOf(track.samples, index) / track.timescale;
			this.#packet(shownAt(track, index), seconds, track.samples.isSync[index] === 1);
		}
	}

	result(): PacketScan {
		const times = this.#times.slice(0, this.#timed).sort();
		return {
			packets: this.#packets,
			endSeconds: this.#end,
			keyframes: this.#keyframes.toSorted((a, b) => a - b),
			isVariableRate: isVariable(times),
		};
	}

	#line(line: string): void {
		const [pts = "", duration = "", flags = ""] = line.split(",");
		if (line !== "") this.#packet(Number.parseFloat(pts), Number.parseFloat(duration), flags.startsWith("K"));
	}

	#packet(shownAtSeconds: number, durationSeconds: number, isKey: boolean): void {
		if (this.#packets >= MAX_PACKETS) return;
		this.#packets += 1;
		const time = shownAtSeconds - this.#startSeconds;
		if (!Number.isFinite(time)) return;
		this.#end = Math.max(this.#end, time + (Number.isFinite(durationSeconds) ? durationSeconds : 0));
		this.#keep(time);
		if (isKey) this.#keyframes.push(Math.max(0, Math.round(time * 1e6) / 1e6));
	}

	#keep(time: number): void {
		if (this.#timed === this.#times.length) {
			const larger = new Float64Array(this.#times.length * 2);
			larger.set(this.#times);
			this.#times = larger;
		}
		this.#times[this.#timed] = time;
		this.#timed += 1;
	}
}

function isVariable(times: Float64Array): boolean {
	const gaps = new Float64Array(Math.max(0, times.length - 1)).map(
		(_, index) => (times[index + 1] ?? 0) - (times[index] ?? 0),
	);
	const usual = gaps.toSorted()[Math.floor(gaps.length / 2)] ?? 0;
	const tolerated = Math.max(JITTER.seconds, usual * JITTER.share);
	const odd = gaps.reduce((count, gap) => count + (Math.abs(gap - usual) > tolerated ? 1 : 0), 0);
	return odd > Math.max(2, gaps.length * ODD_SHARE);
}
