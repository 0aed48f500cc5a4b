import { effect, signal } from "@preact/signals";
import type { ChannelID } from "../../protocol/ids.ts";
import { titlePrefix } from "../shell/page-title.ts";
import { notify } from "../shell/toasts.tsx";
import type { ChosenFile } from "./chosen-file.ts";
import { bytesOf, chunkPlan } from "./chunk-plan.ts";
import { kindOf, refusalOf } from "./file-kind.ts";
import { listEntries, loadEtags } from "./ledger.ts";
import { Slots } from "./slots.ts";
import { UploadJob } from "./upload-job.ts";
import { isActive, isOver, titleProgress } from "./upload-phase.ts";

/** Files that are sent at the same time; each in four lines. */
const FILES_AT_ONCE = 2;

/** All uploads of this page, the newest first. They live as long as the page, whatever is shown. */
export const uploads = signal<readonly UploadJob[]>([]);

const slots = new Slots(FILES_AT_ONCE);
let restoredFor: string | null = null;

/** Takes files in. What cannot be taken is said. Files that an unfinished upload waits for go to it. */
export function addFiles(
	files: readonly ChosenFile[],
	owner: { ownerID: string; channelID: ChannelID | null },
): void {
	const { ownerID, channelID } = owner;
	for (const { file, handle } of files) {
		const refusal = refusalOf(file);
		const kind = kindOf(file);
		if (refusal !== null || kind === null) {
			notify(refusal ?? `${file.name} cannot be uploaded.`, "bad");
			continue;
		}
		const waiting = uploads.value.find((job) => awaits(job, file));
		if (waiting !== undefined) {
			void waiting.giveFile(file, handle);
			continue;
		}
		const job = new UploadJob({ slots, ownerID, channelID, kind, source: { file, handle } });
		uploads.value = [job, ...uploads.value];
		job.start();
	}
}

/** Brings back what an earlier page of this person left unfinished, once. What needs no question goes on at once. */
export async function restoreUploads(ownerID: string): Promise<void> {
	if (restoredFor === ownerID) return;
	restoredFor = ownerID;
	// Uploads of somebody else who signed out meanwhile are not shown to this person.
	for (const job of uploads.value) if (job.ownerID !== ownerID) job.pause();
	uploads.value = uploads.value.filter((job) => job.ownerID === ownerID);
	const known = new Set(uploads.value.map((job) => job.uploadID));
	const entries = (await listEntries()).filter(
		(entry) => entry.ownerID === ownerID && !known.has(entry.uploadID),
	);
	const jobs = await Promise.all(
		entries.map(async (entry) => {
			const etags = Object.keys(await loadEtags(entry.uploadID)).map(Number);
			const sentBytes = bytesOf(chunkPlan(entry.size, entry.chunkBytes), etags);
			const source = { entry, sentBytes };
			return new UploadJob({ slots, ownerID, channelID: null, kind: entry.kind, source });
		}),
	);
	uploads.value = [...uploads.value, ...jobs.reverse()];
	for (const job of jobs) void job.resumeFromHandle(false);
}

/** Puts a finished row away. */
export function dismiss(job: UploadJob): void {
	uploads.value = uploads.value.filter((each) => each !== job);
}

/** Gives an upload up, for good. */
export async function cancelUpload(job: UploadJob): Promise<void> {
	dismiss(job);
	await job.cancel();
}

function awaits(job: UploadJob, file: File): boolean {
	if (job.phase.value.kind !== "needs-file" || job.sizeBytes !== file.size) return false;
	return job.filename === file.name;
}

effect(() => {
	const all = uploads.value.map(({ phase, sentBytes, sizeBytes }) => ({
		phase: phase.value,
		sent: sentBytes.value,
		size: sizeBytes,
	}));
	const progress = titleProgress(all);
	titlePrefix.value = progress === "" ? "" : `${progress} · `;
});

let isGuarded = false;
effect(() => {
	const isBusy = uploads.value.some(({ phase }) => isActive(phase.value));
	if (isBusy === isGuarded) return;
	isGuarded = isBusy;
	if (isBusy) window.addEventListener("beforeunload", guard);
	else window.removeEventListener("beforeunload", guard);
});

function guard(event: BeforeUnloadEvent): void {
	event.preventDefault();
}

/** Whether a row may be put away without losing anything. */
export function mayDismiss(job: UploadJob): boolean {
	return isOver(job.phase.value);
}
