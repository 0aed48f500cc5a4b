/** SHA-256 of bytes. */
export async function sha256(bytes: BufferSource): Promise<Uint8Array<ArrayBuffer>> {
	return new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
}

/** Lower-case hexadecimal. */
export function hex(bytes: Uint8Array): string {
	return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** Identity of a file (protocol/upload.ts): `sha-256:` and SHA-256 over the raw digests of its chunks, in order. */
export async function fingerprintOf(digests: readonly Uint8Array[]): Promise<string> {
	const all = new Uint8Array(digests.reduce((bytes, digest) => bytes + digest.length, 0));
	let at = 0;
	for (const digest of digests) {
		all.set(digest, at);
		at += digest.length;
	}
	return `sha-256:${hex(await sha256(all))}`;
}
