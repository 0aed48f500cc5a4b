import { log } from "../adapters/log.ts";
import type { RealtimeSfu, RemoteTrack } from "../adapters/realtime-sfu.ts";
import { AppError } from "../protocol/errors.ts";
import type { LiveJob } from "../protocol/media-job.ts";
import type { Certificate } from "../webrtc/certificate.ts";
import { parseSdp, type SdpSession } from "../webrtc/sdp.ts";
import { type MediaTransport, openTransport, remoteTransportOf } from "../webrtc/transport.ts";
import { answerOffer } from "./sfu-answer.ts";
import type { SourceReceiver } from "./source-receiver.ts";

export type SubscriptionOptions = {
	sfu: RealtimeSfu;
	certificate: Certificate;
	source: LiveJob["source"];
	receiver: SourceReceiver;
	/** The association ended, or no track could be had. Not called after `close()`. */
	onLost: (reason: string) => void;
	/** An error thrown while a packet was handled. */
	onError: (error: unknown) => void;
};

/** How long each track is asked for again while the SFU does not have it. */
const PULL_FOR_MS = 20_000;
const PULL_AGAIN_MS = { least: 200, most: 2_000 };
const TICK_MS = 10;
const OPEN_WITHIN_MS = 10_000;

/** An ordinary subscriber of the SFU: one session that pulls a job's tracks. */
export class SfuSubscription {
	readonly #options: SubscriptionOptions;
	readonly #transport: MediaTransport;
	#sessionID: string | null = null;
	#mids: string[] = [];
	#isStarted = false;
	#isClosed = false;
	#tick: NodeJS.Timeout | null = null;

	constructor(options: SubscriptionOptions) {
		this.#options = options;
		this.#transport = openTransport({ certificate: options.certificate, udp: {} });
	}

	/** Sends RTCP; nothing before the transport is open. */
	send(packet: Buffer): void {
		this.#transport.sendPacket(packet);
	}

	/** Joins and pulls all tracks; returns when each is flowing or given up. Failures are told by `onLost`. */
	async run(): Promise<void> {
		try {
			this.#listen();
			await this.#pullAll();
		} catch (error) {
			log.warn("subscription.failed", { error: String(error) });
			this.#lose(error instanceof Error ? error.message : "the SFU refused the subscription");
		}
	}

	/** Ends the session; the SFU forgets the tracks at once. */
	async close(): Promise<void> {
		if (this.#isClosed) return;
		this.#isClosed = true;
		if (this.#tick !== null) clearInterval(this.#tick);
		this.#transport.close();
		if (this.#sessionID === null || this.#mids.length === 0) return;
		try {
			await this.#options.sfu.close(this.#sessionID, this.#mids, { force: true });
		} catch (error) {
			// The SFU collects a session without a connection by itself.
			log.info("subscription.close_failed", { error: String(error) });
		}
	}

	#listen(): void {
		this.#transport.onPacket((packet) =>
			this.#guard(() => this.#options.receiver.packet(packet, Date.now())),
		);
		this.#transport.onOpen(() => {
			this.#tick = setInterval(() => this.#guard(() => this.#options.receiver.tick(Date.now())), TICK_MS);
		});
		this.#transport.onClose(() => this.#lose("the connection to the SFU ended"));
	}

	async #pullAll(): Promise<void> {
		const { source } = this.#options;
		const giveUpAt = Date.now() + PULL_FOR_MS;
		let wanted = source.tracks.map((track) => remoteTrack(source.sessionID, track));
		for (
			let waitMs = PULL_AGAIN_MS.least;
			!this.#isClosed;
			waitMs = Math.min(waitMs * 1.5, PULL_AGAIN_MS.most)
		) {
			const pulled = await this.#pullOrRenew(wanted, giveUpAt);
			wanted = wanted.filter((track) => !pulled.includes(track.trackName));
			if (wanted.length === 0) return;
			if (Date.now() > giveUpAt) break;
			await new Promise((resolve) => setTimeout(resolve, waitMs));
		}
		log.warn("subscription.incomplete", { missing: wanted.map((track) => track.kind) });
		if (this.#mids.length === 0) this.#lose("the SFU does not have the source's tracks");
	}

	/** As long as nothing was pulled, a failed call costs only the session: the next turn makes a new one. */
	async #pullOrRenew(wanted: RemoteTrack[], giveUpAt: number): Promise<string[]> {
		try {
			this.#sessionID ??= await this.#options.sfu.newSession();
			return await this.#pull(this.#sessionID, wanted);
		} catch (error) {
			if (this.#isStarted || isHopeless(error) || Date.now() > giveUpAt) throw error;
			log.warn("subscription.pull_failed", { error: String(error) });
			this.#sessionID = null;
			return [];
		}
	}

	/** Names of the tracks that could be had. */
	async #pull(sessionID: string, wanted: RemoteTrack[]): Promise<string[]> {
		const { sfu, receiver } = this.#options;
		const outcome = await sfu.pull(sessionID, wanted);
		if (outcome.sdp !== null && outcome.needsAnswer) {
			const offer = parseSdp(outcome.sdp);
			const answer = answerOffer(offer, this.#transport.local);
			if (answer.lines.length === 0) throw new UnreadableSourceError();
			receiver.negotiated(answer.lines, answer.midExtensionID);
			await sfu.answer(sessionID, answer.sdp);
			this.#mids = answer.lines.map((line) => line.mid);
			if (!this.#isStarted && !this.#isClosed) this.#start(offer);
		}
		return outcome.tracks.flatMap((item) => item.trackName ?? []);
	}

	/** Only after the answer was accepted: checks sent earlier are lost, and the next would come half a second later. */
	#start(offer: SdpSession): void {
		this.#isStarted = true;
		this.#transport.start(remoteTransportOf(offer, { whenActpass: "active", withCandidates: true }));
		setTimeout(() => {
			if (!this.#transport.isOpen) this.#lose("no connection to the SFU");
		}, OPEN_WITHIN_MS).unref();
	}

	#guard(action: () => void): void {
		if (this.#isClosed) return;
		try {
			action();
		} catch (error) {
			this.#options.onError(error);
		}
	}

	#lose(reason: string): void {
		if (this.#isClosed) return;
		this.#options.onLost(reason);
	}
}

/** The publisher sends nothing that this program can read. */
class UnreadableSourceError extends Error {
	override readonly name = "UnreadableSourceError";

	constructor() {
		super("none of the source's codecs is VP8, H.264 or Opus");
	}
}

/** Wrong credentials, an unknown app or an unknown codec: no second try will do better. */
function isHopeless(error: unknown): boolean {
	if (error instanceof UnreadableSourceError) return true;
	return error instanceof AppError && [401, 403, 404].includes(Number(error.members.sfuStatus));
}

/** The best layer there is: rids sort best first. */
function remoteTrack(sessionID: string, track: LiveJob["source"]["tracks"][number]): RemoteTrack {
	const best = {
		preferredRid: "a",
		priorityOrdering: "asciibetical",
		ridNotAvailable: "asciibetical",
	} as const;
	return { sessionID, ...track, ...(track.kind === "video" ? { simulcast: best } : {}) };
}
