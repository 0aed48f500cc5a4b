import { type FileHandle, open, rm, statfs } from "node:fs/promises";
import { join } from "node:path";
import type { VodJob } from "../../protocol/vod-job.ts";
import { ObjectClient } from "./object-client.ts";

/** One range request; four at a time filled a local line, and a fifth of R2's limit in memory. */
const RANGE_BYTES = 8 * 1024 * 1024;
const PARALLEL_RANGES = 4;
/** Other temporary files need room, too. */
const SPARE_BYTES = 512 * 1024 * 1024;
const KEEP_MS = 60_000;

type Entry = {
	/** Whose token the download uses. */
	creator: VodJob;
	path: string;
	sizeBytes: number;
	users: number;
	abort: AbortController;
	ready: Promise<void>;
	timer: NodeJS.Timeout | null;
};

export type LocalSource = { path: string } & AsyncDisposable;

/**
 * Sources as local files, each downloaded once for all steps that run here, and kept for a minute after the last. ffmpeg is given nothing but
 * these paths. Throws if the disk has no room.
 */
export class SourceCache {
	readonly #folder: string;
	readonly #maxBytes: number;
	readonly #entries = new Map<string, Entry>();
	#count = 0;

	constructor(folder: string, { maxBytes }: { maxBytes: number }) {
		this.#folder = folder;
		this.#maxBytes = maxBytes;
	}

	/** The whole source. Dispose of it when it is read no more. */
	async acquire(job: VodJob, signal: AbortSignal): Promise<LocalSource> {
		const key = `${job.videoID}-${job.sourceBytes}`;
		const entry = this.#entries.get(key) ?? (await this.#create(key, job));
		if (entry.timer !== null) clearTimeout(entry.timer);
		entry.timer = null;
		entry.users += 1;
		const release = async () => {
			entry.users -= 1;
			if (entry.users === 0) await this.#idle(key, entry);
		};
		try {
			await Promise.race([entry.ready, aborted(signal)]);
		} catch (error) {
			await release();
			signal.throwIfAborted();
			// It failed with another job's token, which may have been superseded meanwhile.
			if (entry.creator !== job) return await this.acquire(job, signal);
			throw error;
		}
		return { path: entry.path, [Symbol.asyncDispose]: release };
	}

	/** Removes all. */
	async close(): Promise<void> {
		await Promise.all([...this.#entries].map(([key, entry]) => this.#remove(key, entry)));
	}

	async #create(key: string, job: VodJob): Promise<Entry> {
		await this.#makeRoom(job.sourceBytes);
		const known = this.#entries.get(key);
		if (known !== undefined) return known;
		const abort = new AbortController();
		this.#count += 1;
		const path = join(this.#folder, `${key}-${this.#count}.source`);
		const entry: Entry = {
			creator: job,
			path,
			sizeBytes: job.sourceBytes,
			users: 0,
			abort,
			timer: null,
			ready: download(job, path, abort.signal),
		};
		this.#entries.set(key, entry);
		entry.ready.catch(() => this.#forget(key, entry));
		return entry;
	}

	async #makeRoom(sizeBytes: number): Promise<void> {
		for (const [key, entry] of this.#entries) {
			if (entry.users === 0 && (await this.#lacks(sizeBytes))) await this.#remove(key, entry);
		}
		if (await this.#lacks(sizeBytes)) throw new Error(`no room on disk for ${sizeBytes} bytes`);
	}

	async #lacks(sizeBytes: number): Promise<boolean> {
		const used = [...this.#entries.values()].reduce((sum, entry) => sum + entry.sizeBytes, 0);
		const { bavail, bsize } = await statfs(this.#folder);
		return used + sizeBytes > this.#maxBytes || bavail * bsize < sizeBytes + SPARE_BYTES;
	}

	/** Nobody waits for it: a download is given up, a file kept for a while. */
	async #idle(key: string, entry: Entry): Promise<void> {
		const state = await Promise.race([entry.ready.then(() => "ready").catch(() => "failed"), "pending"]);
		if (entry.users > 0) return;
		if (state !== "ready") {
			await this.#remove(key, entry);
			return;
		}
		entry.timer = setTimeout(() => void this.#remove(key, entry), KEEP_MS);
		entry.timer.unref();
	}

	async #remove(key: string, entry: Entry): Promise<void> {
		if (entry.timer !== null) clearTimeout(entry.timer);
		this.#forget(key, entry);
		entry.abort.abort(new Error("nobody needs the source any more"));
		await entry.ready.catch(() => undefined);
		// An open descriptor of a command that still runs keeps its bytes.
		await rm(entry.path, { force: true });
	}

	#forget(key: string, entry: Entry): void {
		if (this.#entries.get(key) === entry) this.#entries.delete(key);
	}
}

async function download(job: VodJob, path: string, signal: AbortSignal): Promise<void> {
	const failing = new AbortController();
	const client = new ObjectClient(job, AbortSignal.any([signal, failing.signal]));
	const file = await open(path, "w", 0o600);
	let next = 0;
	const worker = async () => {
		while (next < job.sourceBytes) {
			const from = next;
			const to = Math.min(from + RANGE_BYTES, job.sourceBytes);
			next = to;
			await writeAll(file, await client.readSource(from, to), from);
		}
	};
	const stop = (error: unknown): never => {
		failing.abort(error);
		throw error;
	};
	try {
		const done = await Promise.allSettled(
			Array.from({ length: PARALLEL_RANGES }, () => worker().catch(stop)),
		);
		if (done.some((one) => one.status === "rejected")) {
			await rm(path, { force: true });
			throw failing.signal.reason;
		}
	} finally {
		await file.close();
	}
}

async function writeAll(file: FileHandle, bytes: Uint8Array, position: number): Promise<void> {
	let done = 0;
	while (done < bytes.length) {
		done += (await file.write(bytes, done, bytes.length - done, position + done)).bytesWritten;
	}
}

async function aborted(signal: AbortSignal): Promise<never> {
	signal.throwIfAborted();
	return await new Promise((_, reject) => {
		signal.addEventListener("abort", () => reject(signal.reason), { once: true });
	});
}
