import { statfs } from "node:fs/promises";
import { join } from "node:path";
import { log } from "../../adapters/log.ts";
import { type ByteSpan, spansForDecoding } from "../../domain/streaming/movie-part.ts";
import type { VodJob } from "../../protocol/vod-job.ts";
import { type Movie, openMovie } from "./movie-source.ts";
import { type Reader, SourceFile } from "./source-file.ts";

/** Other temporary files need room, too. */
const SPARE_BYTES = 512 * 1024 * 1024;
const KEEP_MS = 60_000;

type Entry = {
	sizeBytes: number;
	users: number;
	file: Promise<SourceFile>;
	/** Whoever opens it first does so for all; null before, and after it failed. */
	movie: Promise<Movie | null> | null;
	timer: NodeJS.Timeout | null;
};

/** Part of one track, in seconds on the file's clock; `end` null: to the last. */
export type SourcePart = { trackID: number | null; start: number; end: number | null };

/** A source as a local file of full length, of which only what was asked for is there. */
export type LocalSource = AsyncDisposable & {
	path: string;
	sizeBytes: number;
	/** The same for all who use the file at a time. */
	file: SourceFile;
	/** Its index, if it is a file that can be used in parts. */
	movie: () => Promise<Movie | null>;
	/** Fetches what describes the file and its streams: all of it if it has no index. */
	fillHead: () => Promise<void>;
	/** Fetches what decoding this part takes: all of it if it has no index. */
	fillPart: (part: SourcePart) => Promise<void>;
	fillAll: () => Promise<void>;
	fill: (spans: readonly ByteSpan[]) => Promise<void>;
	read: (span: ByteSpan) => Promise<Uint8Array<ArrayBuffer>>;
};

/**
 * Sources as local files, shared by all steps that run here: each byte is fetched once, when a step needs it, and kept for a minute after the
 * last. ffmpeg is given nothing but these paths. Throws if the disk has no room.
 */
export class SourceCache {
	readonly #folder: string;
	readonly #maxBytes: number;
	readonly #entries = new Map<string, Entry>();
	#count = 0;
	/** Room is made for one source at a time: two would take the same. */
	#making: Promise<unknown> = Promise.resolve();

	constructor(folder: string, { maxBytes }: { maxBytes: number }) {
		this.#folder = folder;
		this.#maxBytes = maxBytes;
	}

	/** The source, with nothing fetched. Dispose of it when it is read no more. */
	async acquire(job: VodJob, signal: AbortSignal): Promise<LocalSource> {
		const key = `${job.videoID}-${job.sourceBytes}`;
		const entry = this.#take(key) ?? (await this.#create(key, job));
		try {
			return view(entry, await entry.file, { job, signal }, () => this.#release(key, entry));
		} catch (error) {
			this.#release(key, entry);
			throw error;
		}
	}

	/** Removes all. */
	async close(): Promise<void> {
		await Promise.all([...this.#entries].map(([key, entry]) => this.#remove(key, entry)));
	}

	/** Counts one more user. */
	#take(key: string): Entry | undefined {
		const entry = this.#entries.get(key);
		if (entry === undefined) return undefined;
		if (entry.timer !== null) clearTimeout(entry.timer);
		entry.timer = null;
		entry.users += 1;
		return entry;
	}

	/** With one user. */
	async #create(key: string, { sourceBytes }: VodJob): Promise<Entry> {
		const made = this.#making.then(async () => {
			const known = this.#take(key);
			if (known !== undefined) return known;
			await this.#makeRoom(sourceBytes);
			this.#count += 1;
			const path = join(this.#folder, `${key}-${this.#count}.source`);
			const file = SourceFile.create(path, sourceBytes);
			const entry: Entry = { sizeBytes: sourceBytes, users: 1, file, movie: null, timer: null };
			this.#entries.set(key, entry);
			file.catch(() => this.#forget(key, entry));
			return entry;
		});
		this.#making = made.catch(() => undefined);
		return await made;
	}

	async #makeRoom(sizeBytes: number): Promise<void> {
		for (const [key, entry] of this.#entries) {
			const isNeeded = () => entry.users > 0;
			// It may have come into use meanwhile.
			if (!isNeeded() && (await this.#lacks(sizeBytes)) && !isNeeded()) await this.#remove(key, entry);
		}
		if (await this.#lacks(sizeBytes)) throw new Error(`no room on disk for ${sizeBytes} bytes`);
	}

	/** Holes take no room yet, and may all be filled. */
	async #lacks(sizeBytes: number): Promise<boolean> {
		const entries = [...this.#entries.values()];
		const used = entries.reduce((sum, entry) => sum + entry.sizeBytes, 0);
		// What could not be opened takes no room.
		const files = await Promise.all(entries.map((entry) => entry.file.catch(() => null)));
		const holes = files.reduce(
			(sum, file) => sum + Math.max(0, (file?.sizeBytes ?? 0) - (file?.filledBytes ?? 0)),
			0,
		);
		const { bavail, bsize } = await statfs(this.#folder);
		return used + sizeBytes > this.#maxBytes || bavail * bsize < holes + sizeBytes + SPARE_BYTES;
	}

	#release(key: string, entry: Entry): void {
		entry.users -= 1;
		if (entry.users > 0) return;
		entry.timer = setTimeout(() => void this.#remove(key, entry), KEEP_MS);
		entry.timer.unref();
	}

	async #remove(key: string, entry: Entry): Promise<void> {
		if (entry.timer !== null) clearTimeout(entry.timer);
		this.#forget(key, entry);
		// Whoever wanted one that could not be opened has been told.
		const file = await entry.file.catch(() => null);
		await file?.remove().catch((error: unknown) => log.error("source.not-removed", error, { key }));
	}

	#forget(key: string, entry: Entry): void {
		if (this.#entries.get(key) === entry) this.#entries.delete(key);
	}
}

function view(entry: Entry, file: SourceFile, reader: Reader, release: () => void): LocalSource {
	const { sizeBytes } = file;
	const read = (span: ByteSpan) => file.read(span, reader);
	const movie = async (): Promise<Movie | null> => {
		for (;;) {
			const isOwn = entry.movie === null;
			const opening = entry.movie ?? openMovie({ sizeBytes, read });
			entry.movie = opening;
			try {
				return await opening;
			} catch (error) {
				if (entry.movie === opening) entry.movie = null;
				// Somebody else's token may have been superseded meanwhile.
				if (isOwn) throw error;
				reader.signal.throwIfAborted();
			}
		}
	};
	return {
		path: file.path,
		sizeBytes,
		file,
		movie,
		read,
		fillAll: () => file.fillAll(reader),
		fill: (spans) => file.fill(spans, reader),
		fillHead: async () => {
			const head = (await movie())?.head;
			await (head === undefined ? file.fillAll(reader) : file.fill(head, reader));
		},
		fillPart: async (part) => {
			const opened = await movie();
			const track = opened?.tracks.find(({ trackID }) => trackID === part.trackID);
			if (opened === null || track === undefined) await file.fillAll(reader);
			else await file.fill([...opened.head, ...spansForDecoding(track, part)], reader);
		},
		[Symbol.asyncDispose]: async () => release(),
	};
}
