/** What a picture for something without a picture looks like: always the same for the same seed. */
export interface ArtShape {
	/** Degrees on the colour wheel. */
	hue: number;
	/** Heights of the bars, 0–1. */
	bars: number[];
}

/** Bars in a picture. */
const BARS = 28;

/** Derives a shape from an identifier (FNV-1a, then an xorshift sequence). */
export function artShape(seed: string): ArtShape {
	let state = 0x811c9dc5;
	for (let index = 0; index < seed.length; index += 1) {
		state = Math.imul(state ^ seed.charCodeAt(index), 0x01000193) >>> 0;
	}
	const next = (): number => {
		state ^= state << 13;
		state ^= state >>> 17;
		state ^= state << 5;
		state >>>= 0;
		return state / 0x1_0000_0000;
	};
	const hue = Math.floor(next() * 360);
	const [slow, fast] = [1 + next() * 2, 4 + next() * 5];
	const phase = next() * Math.PI * 2;
	const bars = Array.from({ length: BARS }, (_, index) => {
		const at = (index / BARS) * Math.PI * 2;
		const wave = 0.5 + 0.3 * Math.sin(at * slow + phase) + 0.2 * Math.sin(at * fast + phase * 2);
		return Math.min(1, Math.max(0.06, wave * (0.65 + 0.35 * next())));
	});
	return { hue, bars };
}
