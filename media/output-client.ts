import * as z from "zod";
import type { Part } from "../domain/streaming/repackager.ts";
import type { LiveEpoch, LiveHeartbeat, LiveJob } from "../protocol/media-job.ts";

/** What became of one request to the Worker. */
export type OutputReply =
	| { outcome: "done" }
	/** The Worker is away or busy: the same again later. */
	| { outcome: "again"; reason: string }
	/** An earlier part is missing there. */
	| { outcome: "out-of-order"; expected: { segment: number; part: number } }
	/** Nothing more from this epoch is wanted. */
	| { outcome: "over"; reason: "epoch-superseded" | "stream-ended" }
	| { outcome: "refused"; reason: string };

const TIMEOUT_MS = 10_000;

const OutputProblem = z.looseObject({
	code: z.string(),
	expected: z.object({ segment: z.int(), part: z.int() }).optional(),
});

/** The Worker's end of a live job (protocol/media-job.ts), one request a call. Never throws. */
export class OutputClient {
	readonly #url: string;
	readonly #token: string;

	constructor(output: LiveJob["output"]) {
		this.#url = output.url.replace(/\/$/, "");
		this.#token = output.token;
	}

	openEpoch(epoch: LiveEpoch): Promise<OutputReply> {
		return this.#call("PUT", "", JSON.stringify(epoch));
	}

	putPart(rendition: string, part: Part): Promise<OutputReply> {
		const query = new URLSearchParams({
			time: String(part.time),
			duration: String(part.duration),
			independent: part.independent ? "1" : "0",
			last: part.last ? "1" : "0",
		});
		return this.#call("PUT", `/${rendition}/${part.segment}/${part.part}?${query}`, part.bytes);
	}

	heartbeat(heartbeat: LiveHeartbeat): Promise<OutputReply> {
		return this.#call("POST", "/heartbeat", JSON.stringify(heartbeat));
	}

	close(): Promise<OutputReply> {
		return this.#call("POST", "/close", null);
	}

	async #call(
		method: "PUT" | "POST",
		path: string,
		body: string | Uint8Array<ArrayBuffer> | null,
	): Promise<OutputReply> {
		const type = typeof body === "string" ? "application/json" : "video/mp4";
		try {
			const response = await fetch(this.#url + path, {
				method,
				headers: {
					authorization: `Bearer ${this.#token}`,
					...(body === null ? {} : { "content-type": type }),
				},
				body,
				signal: AbortSignal.timeout(TIMEOUT_MS),
			});
			const text = await response.text();
			return response.ok ? { outcome: "done" } : readRefusal(response.status, text);
		} catch (error) {
			const cause = error instanceof Error && error.cause instanceof Error ? error.cause.message : "";
			return { outcome: "again", reason: `${String(error)} ${cause}`.trim() };
		}
	}
}

function readRefusal(status: number, text: string): OutputReply {
	const problem = readProblem(text);
	if (problem?.code === "epoch-superseded" || problem?.code === "stream-ended") {
		return { outcome: "over", reason: problem.code };
	}
	if (problem?.code === "part-out-of-order" && problem.expected !== undefined) {
		return { outcome: "out-of-order", expected: problem.expected };
	}
	const reason = `${status} ${problem?.code ?? ""}`.trim();
	const isPassing = status >= 500 || [408, 409, 425, 429].includes(status);
	return isPassing ? { outcome: "again", reason } : { outcome: "refused", reason };
}

function readProblem(text: string): z.infer<typeof OutputProblem> | null {
	try {
		return OutputProblem.safeParse(JSON.parse(text)).data ?? null;
	} catch {
		// Not JSON: some server between us and the Worker answered.
		return null;
	}
}
