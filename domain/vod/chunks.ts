/** Part of a picture that is encoded at once. `end` null: to the end. */
export interface Chunk {
	index: number;
	start: number;
	end: number | null;
	seconds: number;
}

/** The first chunk is short: it is what is played first. */
const FIRST_CHUNK_SECONDS = 4;
/** Shorter chunks restart the rate control too often (+12 % bytes at 4 s), longer ones make poor parallel work. */
const MIN_CHUNK_SECONDS = 10;
const MAX_CHUNK_SECONDS = 30;
/** A long work has about as many chunks. */
const CHUNKS_WANTED = 60;
/**
 * Cuts a picture into chunks at key frames of the source, at their very times, so that none is decoded from before its start. Without a list of key frames
 * (too many: every frame is one) on a time grid. No chunk is left shorter than half of the wanted length.
 */
export function cutChunks(keyframes: readonly number[] | null, durationSeconds: number): Chunk[] {
	const wanted = Math.min(MAX_CHUNK_SECONDS, Math.max(MIN_CHUNK_SECONDS, durationSeconds / CHUNKS_WANTED));
	const starts = [0];
	for (let target = FIRST_CHUNK_SECONDS; ; ) {
		const cut = nextCut(keyframes, target);
		if (cut === null || cut > durationSeconds - wanted / 2) break;
		starts.push(cut);
		target = cut + wanted;
	}
	return starts.map((start, index) => {
		const end = starts[index + 1] ?? null;
		return { index, start, end, seconds: (end ?? durationSeconds) - start };
	});
}

/** The first place at or behind `target` that may be cut. */
function nextCut(keyframes: readonly number[] | null, target: number): number | null {
	if (!keyframes) return target;
	return keyframes.find((time) => time >= target) ?? null;
}
