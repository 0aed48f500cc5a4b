import { readConfig } from "../adapters/config.ts";
import { log } from "../adapters/log.ts";
import { RealtimeTurn } from "../adapters/realtime-turn.ts";
import type { ParticipantID } from "../protocol/ids.ts";
import type { IceServer } from "../protocol/realtime-api.ts";

/** A call seldom lasts longer; a participant who resumes in the second half is given new ones. */
const TTL_SECONDS = 6 * 3600;

/** An ICE server as it crosses RPC, whose types know no `unknown`. */
export type PlainIceServer = {
	urls: string | string[];
	username?: string;
	credential?: string;
};

/** STUN and TURN servers for those who have a place in the call: nobody else relays at the operator's cost. */
export class CallIce {
	readonly #turn: RealtimeTurn | null;
	/** Of this life of the object: asking again after a nap costs one request. */
	readonly #given = new Map<ParticipantID, { iceServers: PlainIceServer[]; givenAt: number }>();

	constructor(env: Env) {
		const { turn } = readConfig(env);
		this.#turn = turn && new RealtimeTurn(turn);
	}

	/** Empty if TURN is not set up or gives nothing just now: direct paths and the SFU may still do. */
	async serversFor(participantID: ParticipantID): Promise<PlainIceServer[]> {
		const given = this.#given.get(participantID);
		if (given && Date.now() - given.givenAt < TTL_SECONDS * 500) return given.iceServers;
		if (!this.#turn) return [];
		try {
			const iceServers = (await this.#turn.iceServers(TTL_SECONDS)).map(toPlain);
			this.#given.set(participantID, { iceServers, givenAt: Date.now() });
			return iceServers;
		} catch (error) {
			log.warn("call.turn-unavailable", { error: String(error) });
			return [];
		}
	}

	/** Those given before; empty if there are none. */
	known(participantID: ParticipantID): PlainIceServer[] {
		return this.#given.get(participantID)?.iceServers ?? [];
	}

	forget(participantID: ParticipantID): void {
		this.#given.delete(participantID);
	}
}

function toPlain({ urls, username, credential }: IceServer): PlainIceServer {
	return {
		urls,
		...(username === undefined ? {} : { username }),
		...(credential === undefined ? {} : { credential }),
	};
}
