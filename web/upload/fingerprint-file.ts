import { FingerprintMessage } from "./fingerprint-message.ts";

export interface FileDigests {
	fingerprint: string;
	/** Hex SHA-256 of each chunk. */
	chunks: string[];
}

/** The file cannot be read (any more): it was changed, moved or is on a drive that is gone. */
export class UnreadableFileError extends Error {}

/** Reads a file in a worker of its own, so that the page stays smooth. Ends in UnreadableFileError, or AbortError. */
export function fingerprintFile({
	file,
	chunkBytes,
	onRead,
	signal,
}: {
	file: Blob;
	chunkBytes: number;
	onRead: (bytes: number) => void;
	signal: AbortSignal;
}): Promise<FileDigests> {
	return new Promise((resolve, reject) => {
		const worker = new Worker(new URL("./fingerprint-worker.ts", import.meta.url), { type: "module" });
		const end = (settle: () => void) => {
			worker.terminate();
			signal.removeEventListener("abort", abort);
			settle();
		};
		const abort = () => end(() => reject(new DOMException("Called off", "AbortError")));
		if (signal.aborted) return abort();
		signal.addEventListener("abort", abort, { once: true });
		worker.addEventListener("message", (event: MessageEvent<unknown>) => {
			const message = FingerprintMessage.parse(event.data);
			if (message.type === "read") onRead(message.bytes);
			else if (message.type === "done") {
				end(() => resolve({ fingerprint: message.fingerprint, chunks: message.chunks }));
			} else end(() => reject(new UnreadableFileError(message.message)));
		});
		worker.addEventListener("error", (event) => {
			end(() => reject(new Error(`The fingerprint worker failed: ${event.message}`)));
		});
		worker.postMessage({ file, chunkBytes });
	});
}
