import { getIceServers } from "../../../protocol/call-sfu.ts";
import type { IceServer } from "../../../protocol/realtime-api.ts";
import type { call } from "../../shell/api.ts";

/** Credentials live for an hour by default; they are renewed well before that, ms. */
const RENEW_EVERY_MS = 45 * 60_000;
const RETRY_MS = 60_000;

/** STUN and TURN servers with credentials that are good. A relay of old credentials would be cut off in mid-call. */
export class IceServerKeeper {
	readonly #api: typeof call;
	readonly #onRenewed: (servers: readonly RTCIceServer[]) => void;
	#servers: readonly RTCIceServer[];
	#timer: ReturnType<typeof setTimeout>;

	constructor(parts: {
		api: typeof call;
		servers: readonly IceServer[];
		onRenewed: (servers: readonly RTCIceServer[]) => void;
	}) {
		this.#api = parts.api;
		this.#onRenewed = parts.onRenewed;
		this.#servers = parts.servers.map(plain);
		this.#timer = setTimeout(() => void this.#renew(), RENEW_EVERY_MS);
	}

	get servers(): readonly RTCIceServer[] {
		return this.#servers;
	}

	/** A welcome has brought newer ones. */
	take(servers: readonly IceServer[]): void {
		if (servers.length > 0) this.#servers = servers.map(plain);
	}

	close(): void {
		clearTimeout(this.#timer);
	}

	async #renew(): Promise<void> {
		let nextMs = RENEW_EVERY_MS;
		try {
			const { iceServers } = await this.#api(getIceServers, { query: {} });
			this.take(iceServers);
			this.#onRenewed(this.#servers);
		} catch {
			// The old ones are good for a while yet.
			nextMs = RETRY_MS;
		}
		this.#timer = setTimeout(() => void this.#renew(), nextMs);
	}
}

/** Only the members that a browser knows: an unknown one of a newer service must not spoil a connection. */
function plain({ urls, username, credential }: IceServer): RTCIceServer {
	return {
		urls,
		...(username === undefined ? {} : { username }),
		...(credential === undefined ? {} : { credential }),
	};
}
