import type { VodOutput, VodResult } from "../../protocol/vod-job.ts";
import { explainCommand, SourceFault } from "./failure.ts";
import type { TaskContext } from "./task-context.ts";
import { TrackUpload, type TrackUploadOptions } from "./track-upload.ts";

export type Packaging = {
	tracks: Omit<TrackUploadOptions, "client" | "onStored">[];
	/** Of the source or of the chunk, to tell how far it is; null if unknown. */
	endSeconds: number | null;
};

/** Runs one ffmpeg whose pipes are `tracks`, and stores all of them. */
export async function packageTracks(
	context: TaskContext,
	packaging: Packaging & { args: string[]; onLine?: (line: string) => void },
): Promise<VodOutput[]> {
	const uploads = openUploads(context, packaging);
	try {
		await context.run({
			tool: "ffmpeg",
			args: packaging.args,
			outputs: uploads.map((upload) => upload.consume),
			...(packaging.onLine === undefined ? {} : { onLine: packaging.onLine }),
		});
	} catch (error) {
		throw explainCommand(error);
	}
	return outputsOf(uploads, packaging);
}

/** One upload a track; each stored segment is told. */
export function openUploads(context: TaskContext, packaging: Packaging): TrackUpload[] {
	const uploads: TrackUpload[] = packaging.tracks.map(
		(track) => new TrackUpload({ ...track, client: context.client, onStored: () => tell() }),
	);
	const tell = () => {
		context.progress(progressOf(uploads, packaging));
		context.stored(() => uploads.flatMap((upload) => upload.output() ?? []));
	};
	return uploads;
}

/** What has been stored of each track. Throws `SourceFault` if there is nothing of one. */
export function outputsOf(uploads: readonly TrackUpload[], { tracks }: Packaging): VodOutput[] {
	return uploads.map((upload, index) => {
		const output = upload.output();
		if (output !== null) return output;
		const what = tracks[index]?.kind === "audio" ? "sound" : "picture";
		throw new SourceFault(`The ${what} in this file cannot be read: it is damaged.`);
	});
}

/** The result of a task that makes renditions. */
export function outputsResult(outputs: VodOutput[], loudnessLufs: number | null = null): VodResult {
	return { kind: "outputs", outputs, loudnessLufs };
}

function progressOf(uploads: TrackUpload[], { endSeconds, tracks }: Packaging): number {
	const startSeconds = tracks[0]?.startSeconds ?? 0;
	if (endSeconds === null || endSeconds <= startSeconds) return 0;
	const done = Math.min(...uploads.map((upload) => upload.storedSeconds));
	return Math.min(1, Math.max(0, (done - startSeconds) / (endSeconds - startSeconds)));
}
