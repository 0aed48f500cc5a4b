import { createHash, timingSafeEqual } from "node:crypto";

/** Whether an `Authorization` header carries this bearer token; takes the same time for every wrong one. */
export function hasBearer(header: string | undefined, token: string): boolean {
	const given = /^Bearer +(\S+)$/i.exec(header ?? "")?.[1] ?? "";
	return timingSafeEqual(digest(given), digest(token));
}

function digest(text: string): Buffer {
	return createHash("sha256").update(text).digest();
}
