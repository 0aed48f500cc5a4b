import { log } from "../adapters/log.ts";
import type { RealtimeSfu } from "../adapters/realtime-sfu.ts";
import type { Ingest } from "../domain/live/broadcast.ts";
import { iceFragmentOf, readFingerprint, withIceCredentials } from "../domain/live/sdp-offer.ts";
import { AppError } from "../protocol/errors.ts";

/** A WHIP POST as the route has checked it. */
export interface PublishRequest {
	offer: string;
	/** Where the encoder reached us, for the media program's way back. */
	origin: string;
	takeover: boolean;
	/** What the offer sends, in its order. */
	media: { mid: string; kind: "audio" | "video" }[];
}

/** An encoder's session in the SFU: opened by WHIP POST, restarted by PATCH, closed at the end. */
export class IngestSession {
	readonly #sfu: RealtimeSfu;

	constructor(sfu: RealtimeSfu) {
		this.#sfu = sfu;
	}

	/** Throws AppError `malformed-sdp` if the SFU finds the offer wrong, `sfu-error` if it fails. */
	async open(offer: string, kinds: PublishRequest["media"]): Promise<{ ingest: Ingest; answer: string }> {
		const sfuSessionID = await this.#sfu.newSession();
		const outcome = await this.#publish(sfuSessionID, offer);
		const kindByMid = new Map(kinds.map(({ mid, kind }) => [mid, kind]));
		const tracks = outcome.tracks.flatMap(({ trackName, mid = "", kind }) => {
			const known = kind ?? kindByMid.get(mid);
			return trackName && known ? [{ trackName, mid, kind: known }] : [];
		});
		if (!outcome.sdp || tracks.length === 0)
			throw new AppError("sfu-error", "The SFU accepted none of the tracks.");
		const ingest: Ingest = {
			whipSessionID: crypto.randomUUID(),
			sfuSessionID,
			tracks,
			etag: newEtag(),
			offer,
			answerFingerprint: readFingerprint(outcome.sdp) ?? "",
			publishedAt: Date.now(),
		};
		return { ingest, answer: outcome.sdp };
	}

	/** Offers the same media with the encoder's new credentials. The DTLS session must go on: a fragment cannot carry a new fingerprint. */
	async restart(
		ingest: Ingest,
		credentials: { ufrag: string; password: string },
	): Promise<{ ingest: Ingest; fragment: string }> {
		const offer = withIceCredentials(ingest.offer, credentials);
		const { sdp } = await this.#publish(ingest.sfuSessionID, offer);
		if (!sdp || (readFingerprint(sdp) ?? "") !== ingest.answerFingerprint) {
			throw new AppError(
				"ice-restart-unsupported",
				"The SFU cannot restart ICE in place; publish again instead.",
			);
		}
		return { ingest: { ...ingest, offer, etag: newEtag() }, fragment: iceFragmentOf(sdp) };
	}

	async isActive(ingest: Ingest): Promise<boolean> {
		try {
			const session = await this.#sfu.getSession(ingest.sfuSessionID);
			return session.tracks.some((track) => track.location === "local" && track.status === "active");
		} catch {
			// The session is gone, or the SFU is: nothing that a new encoder could disturb.
			return false;
		}
	}

	/** Takes the encoder's tracks from all viewers. A session that is gone already is no failure. */
	async close(ingest: Ingest): Promise<void> {
		try {
			await this.#sfu.close(
				ingest.sfuSessionID,
				ingest.tracks.map((track) => track.mid),
				{ force: true },
			);
		} catch (error) {
			log.error("ingest.not-closed", error, { whipSessionID: ingest.whipSessionID });
		}
	}

	async #publish(sessionID: string, offer: string) {
		try {
			return await this.#sfu.publishDiscovered(sessionID, offer);
		} catch (error) {
			const isOurs = error instanceof AppError && error.code === "sfu-error";
			const sfuStatus = isOurs ? Number(error.members.sfuStatus) : 0;
			if (sfuStatus === 400 || sfuStatus === 406) {
				throw new AppError("malformed-sdp", "The SFU cannot use this session description.", { cause: error });
			}
			throw error;
		}
	}
}

function newEtag(): string {
	return `"${crypto.randomUUID()}"`;
}
