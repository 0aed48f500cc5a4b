import { type Signal, signal } from "@preact/signals";
import { ApiError, NoAnswerError } from "../shell/api.ts";
import { pause, reconnectDelayMs } from "../shell/backoff.ts";
import { preferCodecs } from "./codec-order.ts";
import { type OutboundStats, readOutbound } from "./outbound-stats.ts";
import { deleteSession, postOffer, type SdpSession } from "./sdp-exchange.ts";

/** `lost`: the connection broke and is made anew, inside the stream's grace. */
export type WhipState = "connecting" | "connected" | "lost" | "stopped" | "failed";

interface Publication {
	connection: RTCPeerConnection;
	session: SdpSession;
}

/** 720p30 needs no more (goal: 2.5 Mbit/s), and a usual uplink has as much. */
const MAX_VIDEO_BPS = 2_500_000;
const MAX_AUDIO_BPS = 128_000;
const MAX_FRAMES_PER_SECOND = 30;
/** `disconnected` often heals by itself; after this time a new session is quicker. */
const DISCONNECTED_MS = 2500;
/** A session that does not connect in this time is made anew. */
const CONNECT_MS = 10_000;
const WATCH_EVERY_MS = 500;
/** Errors that trying again does not mend. */
const FINAL = [400, 401, 403, 404, 406, 409, 410, 415, 422];

/** Publishes a camera, microphone or screen by WHIP (RFC 9725). Reconnects by a new POST until stopped; the stream stays the same. */
export class WhipClient {
	readonly state: Signal<WhipState> = signal("connecting");
	/** Why it failed, or what the last attempt met. */
	readonly failure = signal<unknown>(null);

	readonly #url: string;
	readonly #streamKey: string;
	readonly #lifetime = new AbortController();
	readonly #leave = () => this.stop();
	#tracks: readonly MediaStreamTrack[];
	#publication: Publication | null = null;
	#takesOver: boolean;

	/** `takeover`: cut off another encoder that is live on this channel. */
	constructor({
		url,
		streamKey,
		media,
		takeover,
	}: {
		url: string;
		streamKey: string;
		media: MediaStream;
		takeover: boolean;
	}) {
		this.#url = url;
		this.#streamKey = streamKey;
		this.#tracks = media.getTracks();
		this.#takesOver = takeover;
	}

	/** Begins; what happens shows in `state`. */
	start(): void {
		window.addEventListener("pagehide", this.#leave);
		this.#run().catch((error: unknown) => this.#fail(error));
	}

	/** Ends publishing for good. The server keeps the stream for its grace; `isEnded`: the stream is over already, nothing is left to close. */
	stop({ isEnded = false } = {}): void {
		if (this.#lifetime.signal.aborted) return;
		this.#lifetime.abort();
		window.removeEventListener("pagehide", this.#leave);
		this.#end({ isEnded });
		if (this.state.value !== "failed") this.state.value = "stopped";
	}

	/** Sends other tracks from now on (another camera, the screen), without a new session. */
	async replace(media: MediaStream): Promise<void> {
		this.#tracks = media.getTracks();
		const senders = this.#publication?.connection.getSenders() ?? [];
		for (const track of this.#tracks) {
			const sender = senders.find((each) => each.track?.kind === track.kind);
			await sender?.replaceTrack(track);
		}
	}

	/** What leaves this device now; null while there is no connection. */
	async stats(): Promise<OutboundStats | null> {
		const connection = this.#publication?.connection;
		if (connection === undefined) return null;
		const rows: unknown[] = [];
		const report = await connection.getStats();
		report.forEach((row: unknown) => {
			rows.push(row);
		});
		return readOutbound(rows);
	}

	async #run(): Promise<void> {
		const { signal } = this.#lifetime;
		let attempt = 0;
		while (!signal.aborted) {
			try {
				this.#publication = await this.#publish();
				this.#takesOver = true;
				const worked = await this.#watch(this.#publication.connection);
				attempt = worked ? 0 : attempt + 1;
			} catch (error) {
				if (signal.aborted) return;
				if (!mayPass(error)) throw error;
				this.failure.value = error;
				attempt += 1;
			} finally {
				this.#end();
			}
			if (signal.aborted) return;
			this.state.value = "lost";
			await pause(reconnectDelayMs(attempt), signal);
		}
	}

	async #publish(): Promise<Publication> {
		const connection = new RTCPeerConnection();
		try {
			for (const track of this.#tracks) addTrack(connection, track);
			const offer = await connection.createOffer();
			const reply = await postOffer({
				url: this.#takesOver ? `${this.#url}?takeover=1` : this.#url,
				sdp: offer.sdp ?? "",
				bearer: this.#streamKey,
				signal: this.#lifetime.signal,
			});
			const { session, iceServers, sdp } = reply;
			if (reply.kind !== "answer") throw new Error("A WHIP server must not make a counter-offer");
			if (iceServers.length > 0) connection.setConfiguration({ iceServers });
			try {
				await connection.setLocalDescription(offer);
				await connection.setRemoteDescription({ type: "answer", sdp });
			} catch (error) {
				deleteSession(session);
				throw error;
			}
			return { connection, session };
		} catch (error) {
			connection.close();
			throw error;
		}
	}

	/** Returns when the connection is lost; true if it ever stood. */
	async #watch(connection: RTCPeerConnection): Promise<boolean> {
		const { signal } = this.#lifetime;
		const startedAt = performance.now();
		let lastGoodAt: number | null = null;
		while (!signal.aborted) {
			const { connectionState } = connection;
			const now = performance.now();
			if (connectionState === "connected") {
				lastGoodAt = now;
				this.failure.value = null;
				this.state.value = "connected";
			}
			const limitMs = lastGoodAt === null ? CONNECT_MS : DISCONNECTED_MS;
			if (connectionState === "failed" || now - (lastGoodAt ?? startedAt) > limitMs) break;
			await pause(WATCH_EVERY_MS, signal);
		}
		return lastGoodAt !== null;
	}

	#fail(error: unknown): void {
		this.failure.value = error;
		this.state.value = "failed";
		this.stop();
	}

	#end({ isEnded = false } = {}): void {
		const publication = this.#publication;
		this.#publication = null;
		if (publication === null) return;
		if (!isEnded) deleteSession(publication.session);
		publication.connection.close();
	}
}

function addTrack(connection: RTCPeerConnection, track: MediaStreamTrack): void {
	const isVideo = track.kind === "video";
	const transceiver = connection.addTransceiver(track, {
		direction: "sendonly",
		sendEncodings: [
			isVideo
				? { maxBitrate: MAX_VIDEO_BPS, maxFramerate: MAX_FRAMES_PER_SECOND }
				: { maxBitrate: MAX_AUDIO_BPS },
		],
	});
	if (!isVideo) return;
	const codecs = RTCRtpSender.getCapabilities?.("video")?.codecs;
	if (codecs !== undefined && typeof transceiver.setCodecPreferences === "function") {
		transceiver.setCodecPreferences(preferCodecs(codecs));
	}
	const parameters = transceiver.sender.getParameters();
	parameters.degradationPreference = "maintain-resolution";
	transceiver.sender.setParameters(parameters).catch(() => {
		// Browsers that do not know the preference keep their own balance.
	});
}

/** Whether another attempt may go better: no answer, or the server is busy. */
function mayPass(error: unknown): boolean {
	if (error instanceof NoAnswerError) return true;
	return !(error instanceof ApiError) || !FINAL.includes(error.problem.status);
}
