/** The file is to blame, and another try would end the same. The message is for the uploader to read. */
export class SourceFault extends Error {
	constructor(message: string, options?: ErrorOptions) {
		super(message, options);
		this.name = "SourceFault";
	}
}

/** The pipeline wants this attempt no longer: it was superseded, or the work is gone. */
export class JobOver extends Error {
	constructor(message: string) {
		super(message);
		this.name = "JobOver";
	}
}

/** A command that ended as it should not. */
export class CommandError extends Error {
	readonly stderr: string;
	readonly outcome: "exit" | "signal" | "timeout" | "start";

	constructor(message: string, details: { stderr: string; outcome: CommandError["outcome"] }) {
		super(message);
		this.name = "CommandError";
		this.stderr = details.stderr;
		this.outcome = details.outcome;
	}
}

/** What ffmpeg says when the bytes are at fault, and what the uploader is told. The first that matches counts. */
const FAULTS: [RegExp, string][] = [
	[
		/not on whitelist/i,
		"This kind of file cannot be processed. Upload a video or audio file, such as MP4, MOV, MKV, WebM, MP3, FLAC or WAV.",
	],
	[
		/Cannot allocate memory|std::bad_alloc|malloc of size \d+ failed/i,
		"Processing this file takes more memory than is allowed.",
	],
	[
		/Picture size \S+ is invalid|exceeds? max_pixels|get_buffer\(\) failed/i,
		"The picture is too large to be processed.",
	],
	[/moov atom not found|partial file/i, "The file is incomplete: its end is missing. Upload it again."],
	[
		/\.source: (Invalid data found|Invalid argument|End of file)|could not find codec parameters|EBML header parsing failed/i,
		"The file is damaged, or no video or audio file.",
	],
	[/Decoder \S* ?not found|Unknown decoder|no decoder/i, "The file uses a codec that is not supported."],
];

/** How ffmpeg ends when it could decode less than a third of what it was given (`-max_error_rate`). */
const MOSTLY_UNREADABLE = /ended with 69$/;

/** What a failed command means: the file's fault if the tool said so, and otherwise the error itself. */
export function explainCommand(error: unknown): unknown {
	if (!(error instanceof CommandError) || error.outcome === "timeout" || error.outcome === "start")
		return error;
	const fault = FAULTS.find(([pattern]) => pattern.test(error.stderr));
	if (fault !== undefined) return new SourceFault(fault[1], { cause: error });
	if (MOSTLY_UNREADABLE.test(error.message)) {
		return new SourceFault("Most of this file cannot be read: it is damaged.", { cause: error });
	}
	return error;
}
