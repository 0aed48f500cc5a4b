import type { VodResult } from "../../protocol/vod-job.ts";
import { extractCaptions } from "./captions.ts";
import { probe } from "./probe.ts";
import { assembleDownload } from "./progressive.ts";
import { encodeAudio, encodeVideo, remux } from "./renditions.ts";
import type { TaskContext } from "./task-context.ts";
import { makeThumbnails } from "./thumbnail.ts";
import { drawWaveform } from "./waveform.ts";

/** Does what the job asks for. Throws `SourceFault` if the file is to blame. */
export async function performTask(context: TaskContext): Promise<VodResult> {
	const { task } = context.job;
	switch (task.kind) {
		case "probe":
			return await probe(context);
		case "remux":
			return await remux(context, task);
		case "encode-video":
			return await encodeVideo(context, task);
		case "encode-audio":
			return await encodeAudio(context, task);
		case "thumbnail":
			return await makeThumbnails(context, task);
		case "waveform":
			return await drawWaveform(context);
		case "captions":
			return await extractCaptions(context);
		case "progressive":
			return await assembleDownload(context, task);
	}
}
