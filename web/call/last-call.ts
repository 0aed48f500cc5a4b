import * as z from "zod";

const KEY = "rostrum.call.last";

/** What the end page needs to know of the call that this tab was in. Times in ms. */
const LastCall = z.object({
	code: z.string(),
	title: z.string(),
	reason: z.string(),
	/** Null: one never got in. */
	durationMs: z.number().nullable(),
	/** Who was rung, where it was one person: `userID` to ring again. */
	other: z.object({ userID: z.string(), displayName: z.string() }).nullable(),
	kind: z.enum(["audio", "video"]),
});
export type LastCall = z.infer<typeof LastCall>;

/** Keeps it over a reload of the end page, in this tab only. */
export function keepLastCall(lastCall: LastCall): void {
	try {
		sessionStorage.setItem(KEY, JSON.stringify(lastCall));
	} catch {
		// Storage is switched off: the end page says less.
	}
}

/** What this tab knows of this call, or null. */
export function recallLastCall(code: string): LastCall | null {
	try {
		const kept = LastCall.safeParse(JSON.parse(sessionStorage.getItem(KEY) ?? "null"));
		return kept.success && kept.data.code === code ? kept.data : null;
	} catch {
		// Storage is switched off, or what is in it is not ours.
		return null;
	}
}
