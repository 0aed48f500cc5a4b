/** How an upload stands. */
export type UploadPhase =
	/** Waits for others to finish. */
	| { kind: "queued" }
	| { kind: "fingerprinting" }
	| { kind: "uploading" }
	| { kind: "paused" }
	/** All chunks are there; the server puts them together. */
	| { kind: "completing" }
	/** It goes on by itself when the network is back. */
	| { kind: "offline" }
	/** The page was closed: the file has to be given again. `canAsk`: the browser still knows it, a click is enough. */
	| { kind: "needs-file"; canAsk: boolean; problem: string | null }
	/** Another tab of this browser is at it. */
	| { kind: "elsewhere" }
	/** Sent; the server makes the rest. */
	| { kind: "sent" }
	/** The same file is there already: nothing was sent. */
	| { kind: "duplicate" }
	| { kind: "failed"; problem: string; canRetry: boolean };

/** Whether closing the page now would break something off. */
export function isActive({ kind }: UploadPhase): boolean {
	switch (kind) {
		case "queued":
		case "fingerprinting":
		case "uploading":
		case "completing":
		case "offline":
			return true;
		case "paused":
		case "needs-file":
		case "elsewhere":
		case "sent":
		case "duplicate":
		case "failed":
			return false;
	}
}

/** Whether nothing more happens here: the row may be put away. */
export function isOver({ kind }: UploadPhase): boolean {
	return kind === "sent" || kind === "duplicate";
}

/** What the tab's title says of all uploads together: `42 %`, or nothing. */
export function titleProgress(
	uploads: readonly { phase: UploadPhase; sent: number; size: number }[],
): string {
	const active = uploads.filter(({ phase }) => isActive(phase));
	const size = active.reduce((sum, upload) => sum + upload.size, 0);
	if (size === 0) return "";
	const sent = active.reduce((sum, upload) => sum + upload.sent, 0);
	// 100 % is said when it is true: rounding up would say it too early.
	return `${Math.min(99, Math.floor((sent / size) * 100))} %`;
}
