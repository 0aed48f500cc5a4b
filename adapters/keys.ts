import { base64url, exportJWK, generateKeyPair, type JWK } from "jose";

/** The deployment's own signing keys, made on the first run and kept in the KeyRing object. */
export interface KeySet {
	/** ES256 (RFC 7518 §3.4): access tokens and socket tickets. */
	tokenKey: { keyID: string; privateJWK: JWK; publicJWK: JWK };
	/** HMAC-SHA-256 keys, base64url; the first signs, all verify. */
	macKeys: { keyID: string; secret: string }[];
}

export async function generateKeySet(): Promise<KeySet> {
	const { privateKey, publicKey } = await generateKeyPair("ES256", { extractable: true });
	const keyID = randomName();
	const publicJWK = { ...(await exportJWK(publicKey)), kid: keyID, alg: "ES256", use: "sig" };
	return {
		tokenKey: { keyID, privateJWK: await exportJWK(privateKey), publicJWK },
		macKeys: [{ keyID: randomName(), secret: base64url.encode(crypto.getRandomValues(new Uint8Array(32))) }],
	};
}

function randomName(): string {
	return base64url.encode(crypto.getRandomValues(new Uint8Array(6)));
}

/** HMAC-SHA-256 over a text with a purpose, so that a signature made for one use never fits another. */
export class Mac {
	readonly #keys: Map<string, Promise<CryptoKey>>;
	readonly keyID: string;

	constructor(keys: KeySet["macKeys"]) {
		this.#keys = new Map(keys.map((key) => [key.keyID, importKey(key.secret)]));
		this.keyID = keys[0]?.keyID ?? "";
	}

	async sign(purpose: string, text: string): Promise<string> {
		const key = await this.#keys.get(this.keyID);
		if (!key) throw new Error("the key ring is empty");
		return base64url.encode(new Uint8Array(await crypto.subtle.sign("HMAC", key, encode(purpose, text))));
	}

	async verify(purpose: string, text: string, keyID: string, signature: string): Promise<boolean> {
		const key = await this.#keys.get(keyID);
		const bytes = decode(signature);
		return (
			key !== undefined && bytes !== null && crypto.subtle.verify("HMAC", key, bytes, encode(purpose, text))
		);
	}
}

function importKey(secret: string): Promise<CryptoKey> {
	const bytes = decode(secret);
	if (!bytes) throw new Error("a key of the key ring is not base64url");
	return crypto.subtle.importKey("raw", bytes, { name: "HMAC", hash: "SHA-256" }, false, ["sign", "verify"]);
}

function encode(purpose: string, text: string): Uint8Array {
	return new TextEncoder().encode(`${purpose}\n${text}`);
}

function decode(text: string): Uint8Array | null {
	try {
		return base64url.decode(text);
	} catch {
		// Not base64url: no signature of ours.
		return null;
	}
}
