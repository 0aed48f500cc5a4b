import { type FileHandle, open, rm } from "node:fs/promises";
import type { ByteSpan } from "../../domain/streaming/movie-part.ts";
import type { VodJob } from "../../protocol/vod-job.ts";
import { ObjectClient } from "./object-client.ts";

/** What is there of a source is noted by such blocks. */
const BLOCK_BYTES = 1024 * 1024;
/** One range request; four at a time filled a local line, and a quarter of R2's limit in memory. */
const BLOCKS_PER_REQUEST = 8;
const PARALLEL_REQUESTS = 4;

/** Who asks for bytes: with whose token, and until when. */
export type Reader = { job: VodJob; signal: AbortSignal };

/** A source as a local file with holes, which are filled as its bytes are asked for, each once. */
export class SourceFile {
	readonly path: string;
	readonly sizeBytes: number;
	readonly #handle: FileHandle;
	readonly #isThere: Uint8Array;
	readonly #coming = new Map<number, Promise<void>>();

	private constructor(path: string, sizeBytes: number, handle: FileHandle) {
		this.path = path;
		this.sizeBytes = sizeBytes;
		this.#handle = handle;
		this.#isThere = new Uint8Array(Math.ceil(sizeBytes / BLOCK_BYTES));
	}

	static async create(path: string, sizeBytes: number): Promise<SourceFile> {
		const handle = await open(path, "w+", 0o600);
		try {
			await handle.truncate(sizeBytes);
		} catch (error) {
			await handle.close();
			await rm(path, { force: true });
			throw error;
		}
		return new SourceFile(path, sizeBytes, handle);
	}

	/** Bytes that are on disk. */
	get filledBytes(): number {
		return this.#isThere.reduce((sum, one) => sum + one, 0) * BLOCK_BYTES;
	}

	/** Returns when these bytes are in the file. What somebody else is fetching is waited for; what they fail at is fetched again. */
	async fill(spans: readonly ByteSpan[], reader: Reader): Promise<void> {
		const wanted = this.#blocksOf(spans);
		while (wanted.some((block) => this.#isThere[block] !== 1)) {
			reader.signal.throwIfAborted();
			await this.#fetchMissing(wanted, reader);
			await Promise.allSettled(wanted.flatMap((block) => this.#coming.get(block) ?? []));
		}
	}

	async fillAll(reader: Reader): Promise<void> {
		await this.fill([{ from: 0, to: this.sizeBytes }], reader);
	}

	/** Bytes `from` to `to` (exclusive), fetched if need be. */
	async read({ from, to }: ByteSpan, reader: Reader): Promise<Uint8Array<ArrayBuffer>> {
		await this.fill([{ from, to }], reader);
		const bytes = new Uint8Array(to - from);
		for (let done = 0; done < bytes.length; ) {
			const { bytesRead } = await this.#handle.read(bytes, done, bytes.length - done, from + done);
			if (bytesRead === 0) throw new RangeError(`the source ends before ${to}`);
			done += bytesRead;
		}
		return bytes;
	}

	/** An open descriptor of a command that still runs keeps its bytes. */
	async remove(): Promise<void> {
		await Promise.allSettled(this.#coming.values());
		await this.#handle.close();
		await rm(this.path, { force: true });
	}

	#blocksOf(spans: readonly ByteSpan[]): number[] {
		const blocks = new Set<number>();
		for (const { from, to } of spans) {
			const last = Math.min(this.#isThere.length, Math.ceil(to / BLOCK_BYTES));
			for (let block = Math.floor(Math.max(0, from) / BLOCK_BYTES); block < last; block += 1)
				blocks.add(block);
		}
		return [...blocks].toSorted((a, b) => a - b);
	}

	/** Others may come for the same blocks meanwhile: each request takes its blocks only when it begins. */
	async #fetchMissing(wanted: readonly number[], { job, signal }: Reader): Promise<void> {
		const failing = new AbortController();
		const client = new ObjectClient(job, AbortSignal.any([signal, failing.signal]));
		let position = 0;
		const takeRun = (): number[] => {
			const run: number[] = [];
			for (; position < wanted.length && run.length < BLOCKS_PER_REQUEST; position += 1) {
				const block = wanted[position] ?? 0;
				const isFree = this.#isThere[block] !== 1 && !this.#coming.has(block);
				const isNext = run.length === 0 || block === (run.at(-1) ?? 0) + 1;
				if (isFree && isNext) run.push(block);
				else if (run.length > 0) break;
			}
			return run;
		};
		const work = async () => {
			for (let run = takeRun(); run.length > 0; run = takeRun()) await this.#fetch(run, client);
		};
		const workers = Array.from({ length: PARALLEL_REQUESTS }, () =>
			work().catch((error: unknown) => {
				failing.abort(error);
			}),
		);
		await Promise.all(workers);
		if (failing.signal.aborted) throw failing.signal.reason;
	}

	async #fetch(run: number[], client: ObjectClient): Promise<void> {
		const from = (run[0] ?? 0) * BLOCK_BYTES;
		const to = Math.min(this.sizeBytes, ((run.at(-1) ?? 0) + 1) * BLOCK_BYTES);
		const coming = this.#write(from, to, client);
		for (const block of run) this.#coming.set(block, coming);
		try {
			await coming;
			for (const block of run) this.#isThere[block] = 1;
		} finally {
			for (const block of run) this.#coming.delete(block);
		}
	}

	async #write(from: number, to: number, client: ObjectClient): Promise<void> {
		const bytes = await client.readSource(from, to);
		for (let done = 0; done < bytes.length; ) {
			done += (await this.#handle.write(bytes, done, bytes.length - done, from + done)).bytesWritten;
		}
	}
}
