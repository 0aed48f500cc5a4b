import { inputArguments } from "../../domain/streaming/vod-arguments.ts";
import { PEAKS_PER_SECOND, WaveformPeaks } from "../../domain/streaming/waveform-peaks.ts";
import type { VodResult } from "../../protocol/vod-job.ts";
import { explainCommand, SourceFault } from "./failure.ts";
import { inspect } from "./inspection.ts";
import { wholeInput } from "./renditions.ts";
import type { TaskContext } from "./task-context.ts";

/** Enough for peaks that are drawn a few pixels wide. */
const SAMPLE_RATE = 8_000;

/** `waveform.json`: `{peaksPerSecond, peaks}`, each peak 0 to 1. */
export async function drawWaveform(context: TaskContext): Promise<VodResult> {
	await using source = await context.source();
	const { audio, durationSeconds } = await inspect(context, source);
	if (audio === null) throw new SourceFault("The file has no sound.");
	await source.fillAll();
	const waveform = new WaveformPeaks(SAMPLE_RATE);
	try {
		await context.run({
			tool: "ffmpeg",
			args: [
				...inputArguments(wholeInput(context, source.path)),
				...["-map", `0:${audio.index}`, "-af", `aresample=${SAMPLE_RATE}:async=1:first_pts=0`, "-ac", "2"],
				...["-f", "s16le", "pipe:3"],
			],
			outputs: [
				async (pipe) => {
					for await (const bytes of pipe) {
						waveform.push(bytes);
						if (durationSeconds !== null) context.progress(Math.min(1, waveform.seconds / durationSeconds));
					}
				},
			],
		});
	} catch (error) {
		throw explainCommand(error);
	}
	const json = JSON.stringify({ peaksPerSecond: PEAKS_PER_SECOND, peaks: waveform.end() });
	await context.client.write("waveform.json", new TextEncoder().encode(json), "application/json");
	return { kind: "files", keys: ["waveform.json"], captions: [] };
}
