/** One piece of a file: bytes `start` up to, not including, `end`. */
export interface ChunkRange {
	index: number;
	start: number;
	end: number;
}

/** Cuts a file into equal chunks, the last one shorter: R2 wants all parts of an object equal but the last. */
export function chunkPlan(sizeBytes: number, chunkBytes: number): ChunkRange[] {
	if (!Number.isSafeInteger(chunkBytes) || chunkBytes <= 0)
		throw new RangeError(`chunkBytes is ${chunkBytes}`);
	const count = Math.ceil(sizeBytes / chunkBytes);
	return Array.from({ length: count }, (_, index) => ({
		index,
		start: index * chunkBytes,
		end: Math.min(sizeBytes, (index + 1) * chunkBytes),
	}));
}

/** Bytes of the chunks with these indexes. */
export function bytesOf(plan: readonly ChunkRange[], indexes: Iterable<number>): number {
	let bytes = 0;
	for (const index of indexes) {
		const range = plan[index];
		if (range !== undefined) bytes += range.end - range.start;
	}
	return bytes;
}
