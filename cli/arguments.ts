import { parseArgs } from "node:util";
import * as z from "zod";

export const USAGE = `Usage: rostrum go-live FILE|testsrc --url WHIP_URL --key KEY [options]

Publishes a file (looped) or a test picture by WHIP (RFC 9725), as real WebRTC.
The test picture has the wall clock burned in; it flashes and beeps at every full second.

  --url URL            the channel's WHIP address
  --key KEY            the stream key; ROSTRUM_STREAM_KEY in the environment does as well
  --duration SECONDS   stop after so long; without it until Ctrl-C
  --video-codec CODEC  h264 (default) or vp8
  --size WxH           of the test picture (default 1280x720)
  --bitrate KBPS       of the video (default 2500)
  --takeover           take the place of an encoder that is live
  --json               one JSON object a line instead of text

Exit codes: 0 ended as asked, 1 failed, 2 wrong use, 3 refused by the server.
`;

export const GoLiveOptions = z.object({
	/** `testsrc` or a file's path. */
	source: z.string().min(1),
	url: z.url({ protocol: /^https?$/ }),
	key: z.string().min(1, "--key is missing"),
	durationSeconds: z.coerce.number().positive().optional(),
	videoCodec: z.enum(["h264", "vp8"]).default("h264"),
	size: z
		.string()
		.regex(/^\d{2,4}x\d{2,4}$/)
		.default("1280x720")
		.transform((size) => {
			const [width = 0, height = 0] = size.split("x").map(Number);
			// 4:2:0 pictures have no odd sizes.
			return { width: width - (width % 2), height: height - (height % 2) };
		}),
	bitrateKbps: z.coerce.number().min(100).max(20_000).default(2_500),
	takeover: z.boolean().default(false),
	json: z.boolean().default(false),
	ffmpegPath: z.string().default("ffmpeg"),
});
export type GoLiveOptions = z.output<typeof GoLiveOptions>;

/** The command line cannot be carried out; the message is for the person who typed it. */
export class UsageError extends Error {
	override readonly name = "UsageError";
}

/** Reads `go-live …`; null if help is asked for. Throws `UsageError`. */
export function readArguments(argv: string[], env: Record<string, string | undefined>): GoLiveOptions | null {
	const { values, positionals } = parse(argv);
	const [command, source, ...rest] = positionals;
	if (values.help === true || command === undefined || command === "help") return null;
	if (command !== "go-live" || rest.length > 0)
		throw new UsageError(`Unknown command: ${positionals.join(" ")}`);
	const parsed = GoLiveOptions.safeParse({
		source,
		url: values.url,
		key: values.key ?? env.ROSTRUM_STREAM_KEY ?? "",
		durationSeconds: values.duration,
		videoCodec: values["video-codec"],
		size: values.size,
		bitrateKbps: values.bitrate,
		takeover: values.takeover,
		json: values.json,
		ffmpegPath: env.FFMPEG_PATH,
	});
	if (parsed.success) return parsed.data;
	throw new UsageError(
		parsed.error.issues.map((issue) => `${issue.path.join(".")}: ${issue.message}`).join("\n"),
	);
}

function parse(argv: string[]) {
	try {
		return parseArgs({
			args: argv,
			allowPositionals: true,
			options: {
				url: { type: "string" },
				key: { type: "string" },
				duration: { type: "string" },
				"video-codec": { type: "string" },
				size: { type: "string" },
				bitrate: { type: "string" },
				takeover: { type: "boolean" },
				json: { type: "boolean" },
				help: { type: "boolean", short: "h" },
			},
		});
	} catch (error) {
		throw new UsageError(error instanceof Error ? error.message : String(error));
	}
}
