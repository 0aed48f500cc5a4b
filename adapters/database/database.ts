import { drizzle } from "drizzle-orm/d1";

export type Database = ReturnType<typeof openDatabase>;

export function openDatabase(binding: D1Database) {
	return drizzle(binding);
}

/** True if a write failed because a unique index already has such a row. drizzle wraps D1's error. */
export function isUniqueViolation(error: unknown): boolean {
	for (let cause = error; cause instanceof Error; cause = cause.cause) {
		if (cause.message.includes("UNIQUE constraint failed")) return true;
	}
	return false;
}

/** Lower-case hex SHA-256: how secrets that must be found by value are stored. */
export async function sha256Hex(text: string): Promise<string> {
	const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text)));
	return Array.from(digest, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** 256 random bits in base62-like text without confusing signs. */
export function randomSecret(prefix: string): string {
	const alphabet = "23456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";
	const bytes = crypto.getRandomValues(new Uint8Array(48));
	return prefix + Array.from(bytes, (byte) => alphabet[byte % alphabet.length]).join("");
}
