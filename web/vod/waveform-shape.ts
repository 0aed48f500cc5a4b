import * as z from "zod";

/** `waveform.json`: peaks 0 to 1, ten a second; bare, or within an object. */
const Waveform = z.union([
	z.array(z.number()),
	z.looseObject({ peaks: z.array(z.number()) }).transform(({ peaks }) => peaks),
]);

/** The peaks of such a file. Throws if it is none. */
export function parseWaveform(json: unknown): number[] {
	return Waveform.parse(json);
}

/** `count` bars, 0 to 1: the loudest peak of each stretch, raised so that a quiet recording is seen too. */
export function waveformBars(peaks: readonly number[], count: number): number[] {
	if (peaks.length === 0) return Array.from({ length: count }, () => 0);
	const step = peaks.length / count;
	const bars = Array.from({ length: count }, (_, index) => {
		const from = Math.floor(index * step);
		const to = Math.max(from + 1, Math.floor((index + 1) * step));
		let highest = 0;
		for (let at = from; at < to; at += 1) highest = Math.max(highest, peaks[at] ?? 0);
		return highest;
	});
	const loudest = bars.reduce((a, b) => Math.max(a, b), 0);
	return loudest === 0 ? bars : bars.map((bar) => Math.min(1, bar / loudest));
}
