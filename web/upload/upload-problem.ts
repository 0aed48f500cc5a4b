import { ApiError, NoAnswerError } from "../shell/api.ts";
import { ChangedFileError } from "./chunk-sender.ts";
import { UnreadableFileError } from "./fingerprint-file.ts";
import { PutError } from "./put-chunk.ts";
import type { UploadPhase } from "./upload-phase.ts";

/** What an error means for an upload, in the words of its owner. */
export function phaseAfter(error: unknown): UploadPhase {
	if (error instanceof ChangedFileError) {
		return {
			kind: "failed",
			problem: "The file changed while it was being sent. Upload it anew.",
			canRetry: false,
		};
	}
	if (error instanceof UnreadableFileError) {
		return {
			kind: "needs-file",
			canAsk: false,
			problem: "The file cannot be read any more: it was moved, changed, or its drive is gone.",
		};
	}
	if (error instanceof NoAnswerError || error instanceof PutError) {
		const problem = "The connection broke off too often. What has been sent is kept.";
		return { kind: "failed", problem, canRetry: true };
	}
	if (error instanceof ApiError) {
		const { code, detail, title, status } = error.problem;
		if (code === "upload-expired") {
			return {
				kind: "failed",
				problem: "It lay for more than a week and was given up. Upload it anew.",
				canRetry: true,
			};
		}
		return { kind: "failed", problem: detail ?? title, canRetry: status >= 500 || status === 429 };
	}
	return { kind: "failed", problem: error instanceof Error ? error.message : String(error), canRetry: true };
}
