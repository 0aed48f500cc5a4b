import { mkdirSync } from "node:fs";
import { resolve } from "node:path";
import type { IceServer } from "../../protocol/realtime-api.ts";
import { log } from "../log.ts";
import { Coturn, type CoturnOptions, isCoturnInstalled } from "./coturn.ts";
import { TurnUsers } from "./users.ts";

export type TurnOptions = Omit<CoturnOptions, "directory" | "databaseFile"> & { stateDirectory: string };

/** Null, with a line in the log, if coturn is not installed: everything but TURN works without it. */
export async function startTurn(options: TurnOptions): Promise<Turn | null> {
	if (!isCoturnInstalled(options.program)) {
		log.warn("turn.disabled", {
			reason: `${options.program} is not installed; on Debian: apt install coturn`,
		});
		return null;
	}
	const turn = new Turn(options);
	await turn.start();
	return turn;
}

/** The TURN service: credentials, their revocation, and the relay itself. */
export class Turn {
	readonly #options: TurnOptions;
	readonly #users: TurnUsers;
	readonly #coturn: Coturn;
	readonly #timer: NodeJS.Timeout;

	constructor(options: TurnOptions) {
		this.#options = options;
		const directory = resolve(options.stateDirectory, "turn");
		mkdirSync(directory, { recursive: true });
		const databaseFile = resolve(directory, "users.sqlite");
		this.#users = new TurnUsers(databaseFile);
		this.#coturn = new Coturn({ ...options, directory, databaseFile });
		this.#timer = setInterval(() => this.#revokeExpired(), EXPIRY_CHECK_MS);
	}

	async start(): Promise<void> {
		await this.#coturn.start();
	}

	/** A fresh credential with the addresses it is good for, in the shape of Cloudflare's answer. */
	issue(ttlSeconds: number): IceServer[] {
		const { addresses, port, tlsPort } = this.#options;
		const credential = this.#users.issue(ttlSeconds, Date.now());
		return [
			{ urls: addresses.map((address) => `stun:${address}:${port}`) },
			{
				urls: [
					...addresses.map((address) => `turn:${address}:${port}?transport=udp`),
					...addresses.map((address) => `turn:${address}:${port}?transport=tcp`),
					...addresses.map((address) => `turns:${address}:${tlsPort}?transport=tcp`),
				],
				...credential,
			},
		];
	}

	/** New allocations fail from now on, running ones are ended. */
	async revoke(username: string): Promise<void> {
		if (!this.#users.revoke(username)) return;
		const ended = await this.#coturn.disconnect(username);
		log.info("turn.revoked", { ended });
	}

	async stop(): Promise<void> {
		clearInterval(this.#timer);
		await this.#coturn.stop();
		this.#users.close();
	}

	#revokeExpired(): void {
		for (const username of this.#users.expired(Date.now())) {
			this.revoke(username).catch((error: unknown) =>
				log.error("turn.revoke_failed", { error: String(error) }),
			);
		}
	}
}

const EXPIRY_CHECK_MS = 1_000;
