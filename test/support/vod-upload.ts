import type { VideoID } from "../../protocol/ids.ts";
import { getPipeline, getVideo, type Video, type VideoKind } from "../../protocol/vod.ts";
import { ChunkedUpload } from "./chunked-upload.ts";
import { type Caller, eventually } from "./system.ts";

/** Sends a file and has it processed. */
export async function uploadFile(
	caller: Caller,
	{ path, kind, contentType }: { path: string; kind: VideoKind; contentType: string },
): Promise<VideoID> {
	await using upload = await ChunkedUpload.begin(caller, path, { kind, contentType });
	await upload.send();
	await upload.complete();
	return upload.videoID;
}

/** Waits until all of a work is made; throws with what its pipeline says if it fails or takes too long. */
export async function untilReady(caller: Caller, videoID: VideoID, withinMs: number): Promise<Video> {
	const params = { videoID };
	const video = await eventually(async () => {
		const now = await caller.call(getVideo, { params });
		if (now.state === "ready" || now.state === "failed") return now;
		const { steps } = await caller.call(getPipeline, { params });
		throw new Error(
			steps.map(({ stepID, status, error }) => `${stepID} ${status} ${error ?? ""}`).join("\n"),
		);
	}, withinMs);
	if (video.state === "failed") throw new Error(video.failure ?? "failed without a word");
	return video;
}
