import type * as z from "zod";
import type { UploadChunk } from "../../protocol/upload.ts";

/** What this browser remembers of an upload. */
export interface LocalLedger {
	/** ETags by chunk, as R2 gave them. */
	etags: Readonly<Record<number, string>>;
}

/** What is left to do after the browser, the server and the file have been compared. */
export interface Reconciliation {
	/** There: not to be sent. */
	done: number[];
	/** There as far as this browser knows, but the server has not heard of it: only tell. */
	toReport: { index: number; etag: string }[];
	/** To be sent. */
	toSend: number[];
	/** The server's ETag is the newer truth: the browser's memory is brought up to it. */
	etags: Record<number, string>;
}

/**
 * Compares the ledgers. The server's word counts: a chunk that it calls FAILED goes again even if we have an ETag; one that it has
 * not heard of while we hold R2's ETag was sent just before the end of the last page, and is only reported.
 */
export function reconcile({
	count,
	local,
	server,
}: {
	count: number;
	local: LocalLedger | null;
	server: readonly z.infer<typeof UploadChunk>[];
}): Reconciliation {
	const result: Reconciliation = { done: [], toReport: [], toSend: [], etags: {} };
	const byIndex = new Map(server.map((chunk) => [chunk.index, chunk]));
	for (let index = 0; index < count; index += 1) {
		const known = byIndex.get(index);
		const ours = local?.etags[index];
		if (known?.chunkStatus === "UPLOADED") {
			result.done.push(index);
			const etag = known.etag ?? ours;
			if (etag !== undefined) result.etags[index] = etag;
		} else if (ours !== undefined && known?.chunkStatus !== "FAILED") {
			result.toReport.push({ index, etag: ours });
			result.etags[index] = ours;
		} else {
			result.toSend.push(index);
		}
	}
	return result;
}

/** What is known of a file without reading it. */
export interface FileFacts {
	name: string;
	size: number;
	/** ms since 1970 */
	lastModified: number;
}

/**
 * Whether a file that was chosen again can be the one of an upload: `same` by name, size and time; `other` by size; `read` it to know.
 */
export function compareFile(remembered: FileFacts, chosen: FileFacts): "same" | "read" | "other" {
	if (remembered.size !== chosen.size) return "other";
	const isAlike = remembered.name === chosen.name && remembered.lastModified === chosen.lastModified;
	return isAlike ? "same" : "read";
}
