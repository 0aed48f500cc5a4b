import { UPLOAD_LIMITS } from "../../protocol/upload.ts";

/** A file in chunks: all equal but the last, as R2 wants the parts of an object. */
export interface ChunkLayout {
	sizeBytes: number;
	chunkBytes: number;
}

export function chunkCount({ sizeBytes, chunkBytes }: ChunkLayout): number {
	return Math.ceil(sizeBytes / chunkBytes);
}

/** How long chunk `index` must be; null if the file has no such chunk. */
export function chunkLength(layout: ChunkLayout, index: number): number | null {
	const count = chunkCount(layout);
	if (!Number.isInteger(index) || index < 0 || index >= count) return null;
	return index < count - 1 ? layout.chunkBytes : layout.sizeBytes - (count - 1) * layout.chunkBytes;
}

/** Why a file is not taken, or null. Its declared type is no proof: what it is says the probe. */
export function refuseFile(file: {
	sizeBytes: number;
	contentType: string;
}): { code: "payload-too-large" | "unsupported-media-type" | "validation"; reason: string } | null {
	if (file.sizeBytes > UPLOAD_LIMITS.sizeBytes)
		return { code: "payload-too-large", reason: "A file may have at most 20 GiB." };
	if (file.sizeBytes === 0) return { code: "validation", reason: "The file is empty." };
	if (!isMediaType(file.contentType))
		return { code: "unsupported-media-type", reason: "Only video and audio files can be uploaded here." };
	return null;
}

/** Browsers know no type of some containers, and call others `application/…`. */
function isMediaType(contentType: string): boolean {
	const [type = ""] = contentType.toLowerCase().split(";");
	return (
		type.trim() === "" ||
		/^(video|audio)\//.test(type) ||
		/^application\/(octet-stream|ogg|mp4|mxf|x-matroska|vnd\.rn-realmedia)$/.test(type.trim())
	);
}

/** The chunks that a complete file still lacks, by what the ledger says. */
export function missingChunks(
	layout: ChunkLayout,
	ledger: readonly { index: number; chunkStatus: string; etag: string | null }[],
): number[] {
	const there = new Set(
		ledger
			.filter((chunk) => chunk.chunkStatus === "UPLOADED" && chunk.etag !== null)
			.map((chunk) => chunk.index),
	);
	return Array.from({ length: chunkCount(layout) }, (_, index) => index).filter((index) => !there.has(index));
}

/** `"abc"` and `abc` are one ETag to a ledger. */
export function plainEtag(etag: string): string {
	return etag.replace(/^W\//, "").replace(/^"(.*)"$/, "$1");
}
