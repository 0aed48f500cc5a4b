import { signal } from "@preact/signals";
import type { ChannelID, UploadID, VideoID } from "../../protocol/ids.ts";
import { abortUpload } from "../../protocol/upload.ts";
import { call } from "../shell/api.ts";
import { isOnline } from "../shell/online.ts";
import { titleOf } from "./file-kind.ts";
import type { FileDigests } from "./fingerprint-file.ts";
import { forgetEntry, type LedgerEntry } from "./ledger.ts";
import { compareFile } from "./reconcile.ts";
import type { Slots } from "./slots.ts";
import { SpeedMeter, timeLeftMs } from "./speed-meter.ts";
import { isOver, type UploadPhase } from "./upload-phase.ts";
import { phaseAfter } from "./upload-problem.ts";
import { type Begun, UploadRun } from "./upload-run.ts";

/** The figures on screen change at most this often, ms. */
const TELL_EVERY_MS = 200;
/** Chrome's permission for stored file handles; not in TypeScript's DOM. */
interface AskableHandle {
	queryPermission(options: { mode: "read" }): Promise<PermissionState>;
	requestPermission(options: { mode: "read" }): Promise<PermissionState>;
}

let lastKey = 0;

/** One file on its way to the server: what to show of it, and what can be done with it. */
export class UploadJob {
	readonly key = `upload-${++lastKey}`;
	readonly filename: string;
	readonly sizeBytes: number;
	readonly kind: "video" | "audio";
	readonly ownerID: string;
	readonly phase = signal<UploadPhase>({ kind: "queued" });
	/** Bytes that are there or on their way. */
	readonly sentBytes = signal(0);
	/** Bytes that were read for the fingerprint. */
	readonly readBytes = signal(0);
	readonly bytesPerSecond = signal<number | null>(null);
	/** The work that comes of it, as soon as the server has given it a name. */
	readonly assetID = signal<VideoID | null>(null);
	readonly channelID: ChannelID | null;
	readonly #slots: Slots;
	readonly #meter = new SpeedMeter();
	#file: File | null;
	#handle: FileSystemFileHandle | null;
	#entry: LedgerEntry | null;
	#digests: FileDigests | null = null;
	#toldAt = 0;
	#beforeOffline: "uploading" | "queued" = "uploading";
	#running: AbortController | null = null;

	constructor(parts: {
		slots: Slots;
		ownerID: string;
		channelID: ChannelID | null;
		kind: "video" | "audio";
		source: { file: File; handle: FileSystemFileHandle | null } | { entry: LedgerEntry; sentBytes: number };
	}) {
		const { source } = parts;
		this.#slots = parts.slots;
		this.ownerID = parts.ownerID;
		this.channelID = parts.channelID;
		this.kind = parts.kind;
		this.#file = "file" in source ? source.file : null;
		this.#handle = "file" in source ? source.handle : source.entry.handle;
		this.#entry = "entry" in source ? source.entry : null;
		this.filename = "file" in source ? source.file.name : source.entry.name;
		this.sizeBytes = "file" in source ? source.file.size : source.entry.size;
		if ("entry" in source) this.#remember(source.entry, source.sentBytes);
	}

	/** Begins, or goes on after a pause or a failure. Harmless while it runs. */
	start(): void {
		const file = this.#file;
		if (this.#running !== null || isOver(this.phase.value)) return;
		if (file === null) {
			this.phase.value = { kind: "needs-file", canAsk: isAskable(this.#handle), problem: null };
			return;
		}
		const running = new AbortController();
		this.#running = running;
		this.#meter.reset();
		this.phase.value = { kind: "queued" };
		void this.#run(file, running)
			.catch((error: unknown) => {
				// Who paused or cancelled has said already how it stands.
				if (this.#running === running && !running.signal.aborted) this.phase.value = phaseAfter(error);
			})
			.finally(() => {
				if (this.#running === running) this.#running = null;
				this.bytesPerSecond.value = null;
			});
	}

	/** Stops sending; what is there is kept. */
	pause(): void {
		if (this.#running === null) return;
		this.#running.abort();
		this.#running = null;
		this.phase.value = { kind: "paused" };
	}

	/** Takes the file that was chosen again. `problem` of the phase says if it is another one. */
	async giveFile(file: File, handle: FileSystemFileHandle | null = null): Promise<void> {
		const entry = this.#entry;
		if (entry !== null && compareFile(entry, file) === "other") {
			const problem = `${file.name} is another file: its size is not that of ${entry.name}.`;
			this.phase.value = { kind: "needs-file", canAsk: isAskable(this.#handle), problem };
			return;
		}
		const isSame = entry !== null && compareFile(entry, file) === "same";
		this.#digests = isSame ? { fingerprint: entry.fingerprint, chunks: entry.chunks } : null;
		this.#file = file;
		this.#handle = handle ?? this.#handle;
		this.start();
	}

	/** Goes on with the file that the browser still knows. `mayAsk`: from a click, when the browser may ask for permission. */
	async resumeFromHandle(mayAsk: boolean): Promise<void> {
		const handle = this.#handle;
		if (!isAskable(handle)) return;
		const options = { mode: "read" } as const;
		const held = await handle.queryPermission(options);
		const permission = held === "prompt" && mayAsk ? await handle.requestPermission(options) : held;
		if (permission !== "granted") return;
		try {
			await this.giveFile(await handle.getFile());
		} catch {
			const problem = "The file is not where it was. Choose it again.";
			this.phase.value = { kind: "needs-file", canAsk: false, problem };
		}
	}

	/** Gives it up: what was sent is thrown away, here and on the server. */
	async cancel(): Promise<void> {
		this.#running?.abort();
		this.#running = null;
		const uploadID = this.#entry?.uploadID;
		if (uploadID === undefined) return;
		await forgetEntry(uploadID);
		await call(abortUpload, { params: { uploadID } });
	}

	/** Time left, ms; null while it is not known. */
	get timeLeftMs(): number | null {
		return timeLeftMs(this.sizeBytes - this.sentBytes.value, this.bytesPerSecond.value);
	}

	async #run(file: File, { signal: aborted }: AbortController): Promise<void> {
		const release = await this.#slots.take(aborted);
		const offline = () => this.#showNetwork();
		window.addEventListener("online", offline);
		window.addEventListener("offline", offline);
		const run = new UploadRun({
			file,
			handle: this.#handle,
			ownerID: this.ownerID,
			kind: this.kind,
			meta: { title: titleOf(file.name), visibility: "private", channelID: this.channelID },
			expected: this.#entry,
			digests: this.#digests,
			on: {
				phase: (phase) => this.#show(phase, aborted),
				read: (bytes) => {
					this.readBytes.value = bytes;
				},
				digested: (digests) => {
					this.#digests = digests;
				},
				begun: (begun) => this.#begun(begun),
				sent: (bytes) => this.#sent(bytes, aborted),
			},
		});
		try {
			await run.run(aborted);
		} finally {
			window.removeEventListener("online", offline);
			window.removeEventListener("offline", offline);
			release();
		}
	}

	#show(phase: UploadPhase, aborted: AbortSignal): void {
		if (aborted.aborted) return;
		this.phase.value = phase;
		this.#showNetwork();
	}

	#showNetwork(): void {
		const { kind } = this.phase.value;
		if ((kind === "uploading" || kind === "queued") && !isOnline.value) {
			this.#beforeOffline = kind;
			this.phase.value = { kind: "offline" };
		} else if (kind === "offline" && isOnline.value) this.phase.value = { kind: this.#beforeOffline };
		this.#meter.reset();
	}

	#begun({ assetID, entry }: Begun): void {
		this.assetID.value = assetID;
		this.#entry = entry;
	}

	#sent(bytes: number, aborted: AbortSignal): void {
		const now = performance.now();
		// After a pause only what has arrived counts; what was on its way goes again.
		if (aborted.aborted && this.#running === null) this.sentBytes.value = bytes;
		if (aborted.aborted) return;
		this.#meter.observe(bytes, now);
		if (now - this.#toldAt < TELL_EVERY_MS && bytes < this.sizeBytes) return;
		this.#toldAt = now;
		this.sentBytes.value = bytes;
		this.bytesPerSecond.value = this.#meter.bytesPerSecond(now);
	}

	#remember(entry: LedgerEntry, sentBytes: number): void {
		this.sentBytes.value = sentBytes;
		this.assetID.value = entry.assetID;
		this.phase.value = { kind: "needs-file", canAsk: isAskable(entry.handle), problem: null };
	}

	/** The upload's name on the server, once it has one. */
	get uploadID(): UploadID | null {
		return this.#entry?.uploadID ?? null;
	}
}

function isAskable(handle: FileSystemFileHandle | null): handle is FileSystemFileHandle & AskableHandle {
	return handle !== null && "queryPermission" in handle && typeof handle.queryPermission === "function";
}
