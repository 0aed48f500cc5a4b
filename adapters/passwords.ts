// biome-ignore lint/style/noRestrictedImports: workerd runs scrypt natively; in JavaScript it takes ten times as long.
import { scrypt } from "node:crypto";
import { base64url } from "jose";

/** OWASP Password Storage Cheat Sheet, scrypt: N = 2^14, r = 8, p = 5 (16 MiB, fits an isolate). */
const COST = { N: 2 ** 14, r: 8, p: 5 } as const;
const KEY_BYTES = 32;

/** `scrypt$N$r$p$salt$key`, salt and key in base64url. */
export async function hashPassword(password: string): Promise<string> {
	const salt = crypto.getRandomValues(new Uint8Array(16));
	const key = await derive(password, salt, COST);
	return format(salt, key);
}

/** False for a wrong password. `stored` undefined (no such user) costs the same time and is false. */
export async function verifyPassword(password: string, stored: string | undefined): Promise<boolean> {
	const [scheme, N, r, p, salt, key] = (stored ?? ABSENT).split("$");
	if (scheme !== "scrypt" || salt === undefined || key === undefined) return false;
	const expected = base64url.decode(key);
	const actual = await derive(password, base64url.decode(salt), { N: Number(N), r: Number(r), p: Number(p) });
	return stored !== undefined && isEqual(expected, actual);
}

const ABSENT = format(new Uint8Array(16), new Uint8Array(KEY_BYTES));

function format(salt: Uint8Array, key: Uint8Array): string {
	return ["scrypt", COST.N, COST.r, COST.p, base64url.encode(salt), base64url.encode(key)].join("$");
}

function derive(
	password: string,
	salt: Uint8Array,
	cost: { N: number; r: number; p: number },
): Promise<Uint8Array> {
	return new Promise((resolve, reject) => {
		scrypt(password.normalize("NFKC"), salt, KEY_BYTES, cost, (error, key) =>
			error ? reject(error) : resolve(key),
		);
	});
}

/** Looks at every byte, whatever differs. */
function isEqual(a: Uint8Array, b: Uint8Array): boolean {
	let difference = a.length ^ b.length;
	for (const [index, byte] of a.entries()) difference |= byte ^ (b[index] ?? 0);
	return difference === 0;
}
