import { openAsBlob } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import type { VodJob, VodReport } from "../../protocol/vod-job.ts";
import { BegunParts, type CompleteParts, PART_LIMITS, StoredPart } from "../../protocol/vod-parts.ts";
import { JobOver, SourceFault } from "./failure.ts";

const REQUEST_MS = 60_000;
const SLOWEST_BYTES_PER_SECOND = 500_000;
const REPORT_MS = 10_000;
/** Waits between tries: 0.25 s, 0.5 s, … 4 s, each with a quarter of chance; together some 20 s. */
const TRIES = 8;
const AGAIN_MS = { least: 250, most: 4_000 };
/** Parts of one object on their way at once. */
const PARALLEL_PARTS = 2;
const FAREWELL_MS = 5_000;
const SUPERSEDED = new Set([401, 403, 409, 410]);

type ObjectContent = { content: Blob; contentType: string };

/** The objects of one work, and the place for reports, with the job's own token. Whatever can be repeated is. */
export class ObjectClient {
	readonly #job: Pick<VodJob, "objects" | "reports" | "token">;
	readonly #signal: AbortSignal;

	constructor(job: Pick<VodJob, "objects" | "reports" | "token">, signal: AbortSignal) {
		this.#job = job;
		this.#signal = signal;
	}

	/** Bytes `from` to `to` (exclusive) of the source. Throws `SourceFault` if it is not there or shorter. */
	async readSource(from: number, to: number): Promise<Uint8Array> {
		const bytes = await this.#repeat(`source ${from}-${to}`, async (signal) => {
			const response = await fetch(`${this.#job.objects}/source`, {
				headers: { ...this.#authorization, range: `bytes=${from}-${to - 1}` },
				signal,
			});
			if (response.status === 404 || response.status === 416) {
				await response.body?.cancel();
				throw new SourceFault("The uploaded file is not there any more. Upload it again.");
			}
			return await bodyOf(response);
		});
		if (bytes.length !== to - from) {
			throw new Error(`${bytes.length} bytes of the source came instead of ${to - from}`);
		}
		return bytes;
	}

	/** A stored object, or null if there is none. */
	async read(key: string): Promise<Uint8Array | null> {
		return await this.#repeat(key, async (signal) => {
			const response = await fetch(`${this.#job.objects}/${key}`, { headers: this.#authorization, signal });
			if (response.status === 404) {
				await response.body?.cancel();
				return null;
			}
			return await bodyOf(response);
		});
	}

	async write(key: string, bytes: Uint8Array<ArrayBuffer>, contentType: string): Promise<void> {
		await this.#store(key, { content: new Blob([bytes]), contentType });
	}

	/** A local file as an object, without holding it in memory. */
	async writeFile(key: string, path: string, { contentType }: { contentType: string }): Promise<void> {
		await this.#store(key, { content: await openAsBlob(path), contentType });
	}

	/** In one request or, if it is too large for one, in parts. */
	async #store(key: string, { content, contentType }: ObjectContent): Promise<void> {
		if (content.size > PART_LIMITS.partBytes) await this.#storeInParts(key, { content, contentType });
		else await this.#send("PUT", key, { content, contentType });
	}

	async #storeInParts(key: string, { content, contentType }: ObjectContent): Promise<void> {
		const { uploadID } = BegunParts.parse(await this.#send("POST", key, { contentType }));
		const at = `${key}?uploadID=${encodeURIComponent(uploadID)}`;
		try {
			const etags = await this.#sendParts(at, content);
			const list: CompleteParts = { etags, sizeBytes: content.size };
			await this.#send("POST", at, {
				content: new Blob([JSON.stringify(list)]),
				contentType: "application/json",
			});
		} catch (cause) {
			// What is stored of it would lie about for a week; that it goes is a courtesy, which fails together with all else.
			const headers = this.#authorization;
			const signal = AbortSignal.timeout(FAREWELL_MS);
			await fetch(`${this.#job.objects}/${at}`, { method: "DELETE", headers, signal }).catch(() => undefined);
			throw cause;
		}
	}

	/** Returns the ETags in order. After the first failure no other part is begun. */
	async #sendParts(at: string, content: Blob): Promise<string[]> {
		const { partBytes } = PART_LIMITS;
		const count = Math.ceil(content.size / partBytes);
		const etags: string[] = [];
		let next = 0;
		const line = async () => {
			for (let index = next++; index < count; index = next++) {
				const part = content.slice(index * partBytes, (index + 1) * partBytes);
				const sent = this.#send("PUT", `${at}&part=${index + 1}`, { content: part });
				etags[index] = StoredPart.parse(
					await sent.catch((error: unknown) => {
						next = count;
						throw error;
					}),
				).etag;
			}
		};
		const ends = await Promise.allSettled(Array.from({ length: PARALLEL_PARTS }, line));
		for (const end of ends) if (end.status === "rejected") throw end.reason;
		return etags;
	}

	/** One request, repeated while it may help. Returns the JSON of its answer, undefined without any. */
	async #send(method: "PUT" | "POST", at: string, body: Partial<ObjectContent>): Promise<unknown> {
		const { content, contentType = "application/octet-stream" } = body;
		const timeoutMs = Math.round(REQUEST_MS + ((content?.size ?? 0) / SLOWEST_BYTES_PER_SECOND) * 1000);
		return await this.#repeat(
			at.split("?")[0] ?? at,
			async (signal) => {
				const response = await fetch(`${this.#job.objects}/${at}`, {
					method,
					headers: { ...this.#authorization, "content-type": contentType },
					body: content ?? null,
					signal,
				});
				const answer = new TextDecoder().decode(await bodyOf(response));
				return answer === "" ? undefined : JSON.parse(answer);
			},
			timeoutMs,
		);
	}

	/** One try. Throws `JobOver` if the attempt counts no longer. */
	async report(report: VodReport, signal = this.#signal): Promise<void> {
		const response = await fetch(this.#job.reports, {
			method: "POST",
			headers: { ...this.#authorization, "content-type": "application/json" },
			body: JSON.stringify(report),
			signal: AbortSignal.any([signal, AbortSignal.timeout(REPORT_MS)]),
		});
		await bodyOf(response);
	}

	get #authorization(): { authorization: string } {
		return { authorization: `Bearer ${this.#job.token}` };
	}

	/** Repeats what failed on the way or with 429 and 5xx. */
	async #repeat<T>(
		what: string,
		request: (signal: AbortSignal) => Promise<T>,
		timeoutMs = REQUEST_MS,
	): Promise<T> {
		for (let attempt = 1; ; attempt += 1) {
			try {
				return await request(AbortSignal.any([this.#signal, AbortSignal.timeout(timeoutMs)]));
			} catch (cause) {
				this.#signal.throwIfAborted();
				if (cause instanceof JobOver || cause instanceof SourceFault || cause instanceof RefusedRequest)
					throw cause;
				if (attempt === TRIES) throw new Error(`${what} failed ${TRIES} times`, { cause });
				const waitMs = Math.min(AGAIN_MS.least * 2 ** (attempt - 1), AGAIN_MS.most);
				await sleep(waitMs * (0.75 + Math.random() / 2), undefined, { signal: this.#signal });
			}
		}
	}
}

/** A 4xx that no repetition changes. */
export class RefusedRequest extends Error {}

async function bodyOf(response: Response): Promise<Uint8Array> {
	const bytes = new Uint8Array(await response.arrayBuffer());
	if (response.ok) return bytes;
	const detail = `${response.status} ${new TextDecoder().decode(bytes.subarray(0, 300))}`;
	if (SUPERSEDED.has(response.status)) throw new JobOver(detail);
	if (response.status < 500 && response.status !== 429) throw new RefusedRequest(detail);
	throw new Error(detail);
}
