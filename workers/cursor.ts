import type { Mac } from "../adapters/keys.ts";
import { AppError } from "../protocol/errors.ts";

/** A page cursor: the sort key of the last item, signed, so that it means only what we gave it to mean (CONTRACT §1). */
export async function encodeCursor(mac: Mac, sortKey: string): Promise<string> {
	const body = btoa(sortKey).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
	return `${body}.${mac.keyID}.${await mac.sign("cursor", sortKey)}`;
}

/** Throws AppError `bad-cursor`. */
export async function decodeCursor(mac: Mac, cursor: string): Promise<string> {
	const [body = "", keyID = "", signature = ""] = cursor.split(".");
	const sortKey = decode(body);
	if (sortKey !== null && (await mac.verify("cursor", sortKey, keyID, signature))) return sortKey;
	throw new AppError("bad-cursor", "The cursor is not one of ours. Begin again without it.");
}

function decode(body: string): string | null {
	try {
		return atob(body.replaceAll("-", "+").replaceAll("_", "/"));
	} catch {
		// Not base64url: no cursor of ours.
		return null;
	}
}
