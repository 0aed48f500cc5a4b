import { AppError } from "../protocol/errors.ts";
import { type IceServer, IceServersReply } from "../protocol/realtime-api.ts";

/**
 * Cloudflare Realtime TURN: short-lived credentials for one admitted participant.
 * https://developers.cloudflare.com/realtime/turn/generate-credentials/
 */
export class RealtimeTurn {
	readonly #baseURL: string;
	readonly #keyID: string;
	readonly #apiToken: string;

	constructor(settings: { baseURL: string; keyID: string; apiToken: string }) {
		this.#baseURL = settings.baseURL;
		this.#keyID = settings.keyID;
		this.#apiToken = settings.apiToken;
	}

	/** Addresses on port 53 are left out: browsers block it. Throws AppError `sfu-error`. */
	async iceServers(ttlSeconds: number): Promise<IceServer[]> {
		const url = `${this.#baseURL}/turn/keys/${this.#keyID}/credentials/generate-ice-servers`;
		try {
			const response = await fetch(url, {
				method: "POST",
				headers: { authorization: `Bearer ${this.#apiToken}`, "content-type": "application/json" },
				body: JSON.stringify({ ttl: ttlSeconds }),
				signal: AbortSignal.timeout(5000),
			});
			if (response.status !== 201) throw new Error(`TURN answered ${response.status}`);
			const { iceServers } = IceServersReply.parse(await response.json());
			return (Array.isArray(iceServers) ? iceServers : [iceServers]).map(withoutBlockedPorts);
		} catch (cause) {
			throw new AppError("sfu-error", "The TURN service gave no credentials.", { cause });
		}
	}
}

function withoutBlockedPorts(server: IceServer): IceServer {
	const urls = [server.urls].flat().filter((url) => !/:53(\?|$)/.test(url));
	return { ...server, urls };
}
