import type { UploadID, VideoID } from "../../protocol/ids.ts";
import { completeUpload, createUpload, getUpload, UPLOAD_LIMITS } from "../../protocol/upload.ts";
import type { VideoMeta } from "../../protocol/vod.ts";
import { ApiError, call } from "../shell/api.ts";
import { ChunkAddresses } from "./chunk-addresses.ts";
import { bytesOf, chunkPlan } from "./chunk-plan.ts";
import { ChunkQueue } from "./chunk-queue.ts";
import { ChunkReporter } from "./chunk-reporter.ts";
import { ChangedFileError, ChunkSender } from "./chunk-sender.ts";
import { type FileDigests, fingerprintFile } from "./fingerprint-file.ts";
import { forgetEntry, type LedgerEntry, loadEtags, saveEntry, saveEtag } from "./ledger.ts";
import { persist } from "./persist.ts";
import { reconcile } from "./reconcile.ts";
import type { UploadPhase } from "./upload-phase.ts";

const CHUNK_BYTES = UPLOAD_LIMITS.defaultChunkBytes;
/** Completions that the server may answer with "there are chunks missing". */
const MOST_COMPLETIONS = 3;

export interface Begun {
	assetID: VideoID;
	/** Null: it was there already. */
	entry: LedgerEntry | null;
}

interface RunParts {
	file: File;
	handle: FileSystemFileHandle | null;
	ownerID: string;
	kind: "video" | "audio";
	meta: Pick<VideoMeta, "title" | "visibility" | "channelID">;
	/** The upload that this file is to go on with. */
	expected: LedgerEntry | null;
	/** Known from before a pause. */
	digests: FileDigests | null;
	on: {
		phase: (phase: UploadPhase) => void;
		read: (bytes: number) => void;
		digested: (digests: FileDigests) => void;
		begun: (begun: Begun) => void;
		sent: (bytes: number) => void;
	};
}

/** One go of an upload, from the file's fingerprint to the server's thanks. A later go takes up where this one ends. */
export class UploadRun {
	readonly #parts: RunParts;

	constructor(parts: RunParts) {
		this.#parts = parts;
	}

	/** Ends in what `phaseAfter` explains, or AbortError. */
	async run(signal: AbortSignal): Promise<void> {
		const { file, on } = this.#parts;
		const digests = await this.#digest(signal);
		const begun = await this.#begin(digests, signal);
		on.begun(begun);
		if (begun.entry === null) {
			on.sent(file.size);
			on.phase({ kind: "duplicate" });
			return;
		}
		const { entry } = begun;
		await exclusively(entry.uploadID, async (isOurs) => {
			if (isOurs) await this.#transfer(entry, signal);
			else on.phase({ kind: "elsewhere" });
		});
	}

	async #digest(signal: AbortSignal): Promise<FileDigests> {
		const { file, digests, expected, on } = this.#parts;
		if (digests !== null) return digests;
		on.phase({ kind: "fingerprinting" });
		const made = await fingerprintFile({ file, chunkBytes: CHUNK_BYTES, onRead: on.read, signal });
		if (expected !== null && made.fingerprint !== expected.fingerprint) {
			throw new ChangedFileError(`${file.name} is not the file that was begun with`);
		}
		on.digested(made);
		return made;
	}

	async #begin({ fingerprint, chunks }: FileDigests, signal: AbortSignal): Promise<Begun> {
		const { file, handle, kind, meta, ownerID, expected } = this.#parts;
		const { name: filename, size, type: contentType } = file;
		const body = { kind, filename, size, contentType, fingerprint, chunkSize: CHUNK_BYTES, assetMeta: meta };
		const reply = await persist(() => call(createUpload, { body }, { signal }), signal);
		const { uploadID, assetID } = reply;
		const isStale = expected !== null && expected.uploadID !== uploadID;
		if (isStale) await forgetEntry(expected.uploadID);
		if (uploadID === null || reply.duplicateOf !== undefined) {
			return { assetID: reply.duplicateOf ?? assetID, entry: null };
		}
		const entry: LedgerEntry = {
			uploadID,
			assetID,
			ownerID,
			kind,
			type: contentType,
			title: meta.title,
			name: filename,
			size,
			lastModified: file.lastModified,
			chunkBytes: reply.chunkSize,
			fingerprint,
			chunks,
			handle,
			createdAt: Date.now(),
		};
		await saveEntry(entry);
		return { assetID, entry };
	}

	async #transfer(entry: LedgerEntry, signal: AbortSignal): Promise<void> {
		const { file, on } = this.#parts;
		const { uploadID } = entry;
		const upload = await persist(() => call(getUpload, { params: { uploadID } }, { signal }), signal);
		const plan = chunkPlan(file.size, entry.chunkBytes);
		const local = { etags: await loadEtags(uploadID) };
		const state = reconcile({ count: plan.length, local, server: upload.chunks });
		const etags = new Map(Object.entries(state.etags).map(([index, etag]) => [Number(index), etag]));
		const known = state.toReport.map(({ index }) => index);
		const queue = new ChunkQueue({ count: plan.length, done: [...state.done, ...known] });
		const reporter = new ChunkReporter(uploadID, signal);
		const report = (index: number, etag: string) =>
			reporter.stored({ index, etag, fingerprint: entry.chunks[index] ?? "" });
		for (const { index, etag } of state.toReport) report(index, etag);
		const sender = new ChunkSender({
			file,
			plan,
			digests: entry.chunks,
			queue,
			addresses: new ChunkAddresses(uploadID, (most) => queue.upcoming(most)),
			onStored: async (index, etag) => {
				await saveEtag(uploadID, index, etag);
				etags.set(index, etag);
				report(index, etag);
			},
			onProgress: on.sent,
		});
		on.sent(bytesOf(plan, queue.done));
		for (let turn = 1; ; turn += 1) {
			on.phase({ kind: "uploading" });
			await sender.run(signal);
			on.phase({ kind: "completing" });
			await reporter.flush();
			const missing = await this.#complete(uploadID, etags, signal);
			if (missing.length === 0) break;
			if (turn >= MOST_COMPLETIONS) throw new Error("The server keeps missing pieces that were sent");
			queue.missing(missing);
		}
		await forgetEntry(uploadID);
		on.phase({ kind: "sent" });
	}

	/** The chunks that the server misses; none: it is done. */
	async #complete(
		uploadID: UploadID,
		etags: ReadonlyMap<number, string>,
		signal: AbortSignal,
	): Promise<number[]> {
		const chunks = [...etags].map(([index, etag]) => ({ index, etag }));
		try {
			await persist(
				() => call(completeUpload, { params: { uploadID }, body: { chunks } }, { signal }),
				signal,
			);
			return [];
		} catch (error) {
			if (!(error instanceof ApiError) || error.problem.code !== "missing-chunks") throw error;
			const { missing } = error.problem;
			const indexes = Array.isArray(missing) ? missing.filter((each) => typeof each === "number") : [];
			if (indexes.length === 0) throw error;
			return indexes;
		}
	}
}

/** One tab at a time sends one upload. `work` is told whether this is the one. */
async function exclusively(uploadID: UploadID, work: (isOurs: boolean) => Promise<void>): Promise<void> {
	if (navigator.locks === undefined) return await work(true);
	await navigator.locks.request(`rostrum.upload.${uploadID}`, { ifAvailable: true }, (lock) =>
		work(lock !== null),
	);
}
