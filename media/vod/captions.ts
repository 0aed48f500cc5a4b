import { inputArguments } from "../../domain/streaming/vod-arguments.ts";
import type { VodResult } from "../../protocol/vod-job.ts";
import { explainCommand } from "./failure.ts";
import { inspect, type ProbedStream } from "./inspection.ts";
import { wholeInput } from "./renditions.ts";
import type { TaskContext } from "./task-context.ts";

/** Subtitles of text; pictures of text (PGS, VobSub) cannot be turned into it. */
const TEXT_CODECS = new Set(["subrip", "srt", "webvtt", "mov_text", "ass", "ssa", "text"]);
const MAX_TRACKS = 20;
const MAX_BYTES = 8 * 1024 * 1024;

/** `captions/{language}.vtt` of each text track that the file brings; the first of each language. */
export async function extractCaptions(context: TaskContext): Promise<VodResult> {
	await using source = await context.source();
	const { subtitles } = await inspect(context, source);
	await source.fillAll();
	const tracks = new Map<string, ProbedStream>();
	for (const stream of subtitles.filter(({ codec_name }) => TEXT_CODECS.has(codec_name))) {
		const language = languageOf(stream);
		if (!tracks.has(language) && tracks.size < MAX_TRACKS) tracks.set(language, stream);
	}
	const keys: string[] = [];
	const captions = [];
	for (const [language, stream] of tracks) {
		const vtt = await readTrack(context, source.path, stream);
		if (!vtt.includes("-->")) continue;
		const key = `captions/${language.toLowerCase()}.vtt`;
		await context.client.write(key, new TextEncoder().encode(vtt), "text/vtt");
		keys.push(key);
		captions.push({ language, label: labelOf(language), origin: "file" as const });
	}
	return { kind: "files", keys, captions };
}

async function readTrack(context: TaskContext, path: string, stream: ProbedStream): Promise<string> {
	const chunks: Uint8Array[] = [];
	let sizeBytes = 0;
	try {
		await context.run({
			tool: "ffmpeg",
			args: [
				...inputArguments(wholeInput(context, path)),
				...["-map", `0:${stream.index}`, "-c:s", "webvtt", "-flush_packets", "1", "-f", "webvtt", "pipe:3"],
			],
			outputs: [
				async (pipe) => {
					for await (const bytes of pipe) {
						sizeBytes += bytes.length;
						if (sizeBytes <= MAX_BYTES) chunks.push(bytes);
					}
				},
			],
		});
	} catch (error) {
		throw explainCommand(error);
	}
	return Buffer.concat(chunks).toString("utf8");
}

/** ISO 639-2 as files write it (`ger`, `eng`) becomes BCP 47 (`de`, `en`); `und` if it is no language. */
function languageOf(stream: ProbedStream): string {
	try {
		const bibliographic = BIBLIOGRAPHIC[stream.tags["language"] ?? ""];
		const [language] = Intl.getCanonicalLocales(bibliographic ?? stream.tags["language"] ?? "und");
		return language ?? "und";
	} catch {
		// Not a well-formed tag.
		return "und";
	}
}

/** ISO 639-2/B where it differs from /T: Matroska writes these. */
const BIBLIOGRAPHIC: Record<string, string> = {
	alb: "sq",
	arm: "hy",
	baq: "eu",
	bur: "my",
	chi: "zh",
	cze: "cs",
	dut: "nl",
	fre: "fr",
	geo: "ka",
	ger: "de",
	gre: "el",
	ice: "is",
	mac: "mk",
	mao: "mi",
	may: "ms",
	per: "fa",
	rum: "ro",
	slo: "sk",
	tib: "bo",
	wel: "cy",
};

function labelOf(language: string): string {
	if (language === "und") return "Subtitles";
	return new Intl.DisplayNames([language, "en"], { type: "language" }).of(language) ?? language;
}
