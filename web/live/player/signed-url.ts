/** Query parameters of a signature over a stream's media (CONTRACT §1: `exp, kid, sig`). */
const SIGNATURE = ["exp", "kid", "sig"] as const;

/**
 * Gives a media request the newest signature: `url` with the signature of `signed`, if both are of the same stream
 * (the same origin and the same folder above the file). Other requests stay as they are.
 */
export function resign(url: string, signed: string, base: string): string {
	const target = new URL(url, base);
	const fresh = new URL(signed, base);
	const folder = fresh.pathname.slice(0, fresh.pathname.lastIndexOf("/") + 1);
	if (target.origin !== fresh.origin || !target.pathname.startsWith(folder)) return url;
	for (const name of SIGNATURE) {
		const value = fresh.searchParams.get(name);
		if (value !== null) target.searchParams.set(name, value);
	}
	return target.href;
}

/** When to ask for the next signature: with a fifth of its life left, at least 10 s before the end. Ms from now, never below 1 s. */
export function renewalDelayMs(expiresAt: number, now: number): number {
	const lifeMs = expiresAt - now;
	return Math.max(1000, Math.min(lifeMs * 0.8, lifeMs - 10_000));
}
