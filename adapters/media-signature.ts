import { AppError } from "../protocol/errors.ts";
import type { StreamID, VideoID } from "../protocol/ids.ts";
import type { Mac } from "./keys.ts";

/**
 * Signed media addresses: `?exp=&kid=&sig=` opens everything below `/media/{streamID}/` or `/media/{videoID}/` until `exp` (Unix seconds).
 * Expiry is rounded to a window, so that all viewers of a window share one address and caches work;
 * an address lives 30 to 60 minutes (CONTRACT §1: at most an hour).
 */
const WINDOW_SECONDS = 1800;

/** What an address opens: `media`: what is made of a work or stream; `source`: a work's file as it was uploaded, its owner's alone. */
export type SignedPurpose = "media" | "source";

export interface SignedAccess {
	/** `exp=…&kid=…&sig=…`, to be put behind `?`. */
	query: string;
	/** Milliseconds since the Unix epoch. */
	expiresAt: number;
}

export async function signMediaAccess(
	mac: Mac,
	mediaID: StreamID | VideoID,
	now: number,
	purpose: SignedPurpose = "media",
): Promise<SignedAccess> {
	const exp = (Math.floor(now / 1000 / WINDOW_SECONDS) + 2) * WINDOW_SECONDS;
	const sig = await mac.sign(purpose, `${mediaID}\n${exp}`);
	return { query: `exp=${exp}&kid=${mac.keyID}&sig=${sig}`, expiresAt: exp * 1000 };
}

/** Throws AppError `bad-signature` or `url-expired`. */
export async function verifyMediaAccess(
	mac: Mac,
	mediaID: StreamID | VideoID,
	query: URLSearchParams,
	now: number,
	purpose: SignedPurpose = "media",
): Promise<void> {
	const exp = query.get("exp") ?? "";
	const valid = await mac.verify(
		purpose,
		`${mediaID}\n${exp}`,
		query.get("kid") ?? "",
		query.get("sig") ?? "",
	);
	if (!valid) throw new AppError("bad-signature", "The address is not signed for this.");
	if (Number(exp) * 1000 <= now)
		throw new AppError("url-expired", "The address has expired; ask for a new one.");
}
