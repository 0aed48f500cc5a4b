/** Bytes as lower-case hex digits. */
export function toHex(bytes: Uint8Array): string {
	return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** The bytes of an even number of hex digits. */
export function fromHex(hex: string): number[] {
	return (hex.match(/[0-9a-f]{2}/gi) ?? []).map((digits) => Number.parseInt(digits, 16));
}

/** Base64 with padding (RFC 4648 §4), as HTTP's digests are written. */
export function toBase64(bytes: Uint8Array): string {
	return btoa(String.fromCharCode(...bytes));
}
