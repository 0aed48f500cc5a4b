import type { Tokens } from "../../protocol/account.ts";

/** A token is renewed this long before it ends, so that no call leaves with one that ends on the way. */
const MARGIN_MS = 60_000;

/** What the keeper stands on; the session passes the browser's, tests their own. */
export interface TokenKeeperParts {
	/** Where the refresh token lives; shared by all tabs. */
	store: { read(): string | null; write(refreshToken: string | null): void };
	/** Runs `work` while no other tab runs its own. */
	exclusive<T>(work: () => Promise<T>): Promise<T>;
	/** Exchanges a refresh token. Rejects with what `isRefusal` knows if the token is dead. */
	refresh(refreshToken: string): Promise<Tokens>;
	isRefusal(error: unknown): boolean;
	now(): number;
	/** The session is over: nobody is signed in any more. */
	onLost(): void;
}

/**
 * Keeps the access token in memory and the refresh token in the store. A refresh token works once, so only one refresh runs
 * at a time, in this tab and across tabs; whoever comes second finds the newer token.
 */
export class TokenKeeper {
	readonly #parts: TokenKeeperParts;
	#access: { token: string; endsAt: number } | null = null;
	#renewing: Promise<string | null> | null = null;

	constructor(parts: TokenKeeperParts) {
		this.#parts = parts;
	}

	/** True if somebody was signed in when the page was left. */
	get hasSession(): boolean {
		return this.#parts.store.read() !== null;
	}

	/** The refresh token, for logging out. */
	get refreshToken(): string | null {
		return this.#parts.store.read();
	}

	/** Takes the tokens of a login. */
	adopt(tokens: Tokens): void {
		this.#access = { token: tokens.accessToken, endsAt: this.#parts.now() + tokens.expiresIn * 1000 };
		this.#parts.store.write(tokens.refreshToken);
	}

	/** Forgets everything, here and for the other tabs. */
	drop(): void {
		this.#access = null;
		this.#parts.store.write(null);
	}

	/** Another tab signed out or in as somebody else: what is in memory is void. */
	invalidate(): void {
		this.#access = null;
	}

	/** A token that is good for at least a minute, or null when nobody is signed in. Rejects when it cannot be renewed now. */
	current(): Promise<string | null> {
		if (this.#access !== null && this.#access.endsAt - this.#parts.now() > MARGIN_MS) {
			return Promise.resolve(this.#access.token);
		}
		return this.#renew();
	}

	/** Another token than `refused`, which the server did not take. */
	replace(refused: string): Promise<string | null> {
		if (this.#access !== null && this.#access.token !== refused) return Promise.resolve(this.#access.token);
		return this.#renew();
	}

	#renew(): Promise<string | null> {
		this.#renewing ??= this.#parts
			.exclusive(() => this.#exchange())
			.finally(() => {
				this.#renewing = null;
			});
		return this.#renewing;
	}

	async #exchange(): Promise<string | null> {
		const { store, refresh, isRefusal, onLost } = this.#parts;
		for (;;) {
			const refreshToken = store.read();
			if (refreshToken === null) {
				this.#access = null;
				return null;
			}
			try {
				const tokens = await refresh(refreshToken);
				this.adopt(tokens);
				return tokens.accessToken;
			} catch (error) {
				if (!isRefusal(error)) throw error;
				// A tab without locks may have been faster: its token is in the store now.
				if (store.read() !== refreshToken) continue;
				this.drop();
				onLost();
				return null;
			}
		}
	}
}
