/** Without a byte going through for this long, a PUT is given up and tried again, ms. */
const STALL_MS = 30_000;

/** A PUT that did not go through. `status`: of the answer; 0 when there was none. */
export class PutError extends Error {
	readonly status: number;

	constructor(status: number) {
		super(status === 0 ? "The connection broke while sending" : `The store answered ${status}`);
		this.name = "PutError";
		this.status = status;
	}
}

/**
 * Sends one chunk straight to the store and gives its ETag, without quotes. By XMLHttpRequest, as `fetch` tells no progress of what
 * it sends. Ends in PutError, or AbortError.
 */
export function putChunk({
	url,
	headers,
	body,
	onProgress,
	signal,
}: {
	url: string;
	headers: Readonly<Record<string, string>>;
	body: ArrayBuffer;
	/** Bytes of this chunk that are on their way. */
	onProgress: (bytes: number) => void;
	signal: AbortSignal;
}): Promise<string> {
	return new Promise((resolve, reject) => {
		const request = new XMLHttpRequest();
		let stall: ReturnType<typeof setTimeout> | undefined;
		const watch = () => {
			clearTimeout(stall);
			stall = setTimeout(() => request.abort(), STALL_MS);
		};
		const abort = () => request.abort();
		const end = (settle: () => void) => {
			clearTimeout(stall);
			signal.removeEventListener("abort", abort);
			settle();
		};
		const fail = () => {
			end(() => reject(signal.aborted ? new DOMException("Called off", "AbortError") : new PutError(0)));
		};
		if (signal.aborted) return fail();
		signal.addEventListener("abort", abort, { once: true });
		request.open("PUT", url);
		for (const [name, value] of Object.entries(headers)) request.setRequestHeader(name, value);
		request.upload.addEventListener("progress", ({ loaded }) => {
			watch();
			onProgress(loaded);
		});
		request.addEventListener("load", () => {
			const etag = request.getResponseHeader("ETag")?.replaceAll('"', "") ?? "";
			const isStored = request.status >= 200 && request.status < 300 && etag !== "";
			end(() => (isStored ? resolve(etag) : reject(new PutError(request.status))));
		});
		request.addEventListener("error", fail);
		request.addEventListener("abort", fail);
		watch();
		request.send(body);
	});
}
