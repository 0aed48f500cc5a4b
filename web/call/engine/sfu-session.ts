import {
	addSfuTracks,
	answerSfuSession,
	closeSfuTracks,
	createSfuSession,
} from "../../../protocol/call-sfu.ts";
import type { EndpointReply } from "../../../protocol/endpoint.ts";
import type { CallID, ParticipantID } from "../../../protocol/ids.ts";
import type { call } from "../../shell/api.ts";
import { withStartBitrate } from "./start-bitrate.ts";

/** Whose sessions these are, and how to ask for them. */
export interface SfuAccount {
	api: typeof call;
	callID: CallID;
	participantID: ParticipantID;
	iceServers: () => readonly RTCIceServer[];
}

export interface PullOrder {
	sessionID: string;
	trackName: string;
	/** The layer to begin with; the room changes it as wishes change. */
	rid: string | null;
}

/** What became of one item; `errorCode` null: it is there. */
export interface TrackResult {
	sessionID: string;
	trackName: string;
	mid: string;
	errorCode: string | null;
}

/** Answers and offers of the SFU that the browser has not taken in this time are lost, ms. */
const DESCRIPTION_MS = 10_000;

/** Without these a picture freezes when its layer disappears (both default to `none`). */
const FOLLOW_NETWORK = { priorityOrdering: "asciibetical", ridNotAvailable: "asciibetical" } as const;

/**
 * One peer connection at the SFU. Changes run one after the other, each until its answer is applied: the SFU refuses a second
 * one before that (406, https://developers.cloudflare.com/realtime/sfu/).
 */
export class SfuSession {
	readonly sessionID: string;
	readonly peer: RTCPeerConnection;
	readonly #account: SfuAccount;
	#queue: Promise<unknown> = Promise.resolve();
	#goneSince: number | null = null;
	#isClosed = false;

	constructor(account: SfuAccount, sessionID: string) {
		this.#account = account;
		this.sessionID = sessionID;
		this.peer = new RTCPeerConnection({
			bundlePolicy: "max-bundle",
			iceServers: [...account.iceServers()],
		});
	}

	/** Ends as API calls do. */
	static async open(account: SfuAccount): Promise<SfuSession> {
		const { api, callID, participantID } = account;
		const { sessionID } = await api(createSfuSession, { params: { callID }, body: { participantID } });
		return new SfuSession(account, sessionID);
	}

	get isClosed(): boolean {
		return this.#isClosed;
	}

	/** How long the connection has been gone, ms; 0 while it is there or on its way. */
	goneForMs(now: number): number {
		const isGone = this.peer.connectionState === "disconnected" || this.peer.connectionState === "failed";
		this.#goneSince = isGone ? (this.#goneSince ?? now) : null;
		return this.#goneSince === null ? 0 : now - this.#goneSince;
	}

	/** Publishes what these transceivers send; video begins with `startKbps`. */
	publish(
		tracks: readonly { transceiver: RTCRtpTransceiver; trackName: string }[],
		startKbps: number,
	): Promise<TrackResult[]> {
		return this.#enqueue(async () => {
			const offer = await this.peer.createOffer();
			await this.peer.setLocalDescription(offer);
			try {
				const reply = await this.#add({
					sessionDescription: { type: "offer", sdp: offer.sdp ?? "" },
					tracks: tracks.map(({ transceiver, trackName }) => ({
						location: "local",
						mid: transceiver.mid ?? "",
						trackName,
					})),
				});
				if (reply.sessionDescription === undefined) throw new Error("The SFU gave no answer.");
				const { type, sdp } = reply.sessionDescription;
				await this.peer.setRemoteDescription({ type, sdp: withStartBitrate(sdp, startKbps) });
				return results(reply, this.sessionID);
			} catch (error) {
				await this.#rollBack();
				throw error;
			}
		});
	}

	/** Pulls tracks of others; the new receivers are at the mids of the result. */
	pull(tracks: readonly PullOrder[]): Promise<TrackResult[]> {
		return this.#enqueue(async () => {
			const reply = await this.#add({
				tracks: tracks.map(({ sessionID, trackName, rid }) => ({
					location: "remote",
					sessionID,
					trackName,
					...(rid === null ? {} : { simulcast: { preferredRid: rid, ...FOLLOW_NETWORK } }),
				})),
			});
			if (reply.sessionDescription !== undefined) await this.#answer(reply.sessionDescription);
			return results(reply, this.sessionID);
		});
	}

	/** Ends tracks of ours, sent or received. It costs no description; sections that are over stay in the connection. */
	closeTracks(mids: readonly string[]): Promise<void> {
		return this.#enqueue(async () => {
			await this.#account.api(closeSfuTracks, {
				params: this.#params,
				body: { tracks: mids.map((mid) => ({ mid })), force: true },
			});
		});
	}

	receiver(mid: string): RTCRtpReceiver | null {
		return this.peer.getTransceivers().find((one) => one.mid === mid)?.receiver ?? null;
	}

	close(): void {
		this.#isClosed = true;
		this.peer.close();
	}

	get #params() {
		return { callID: this.#account.callID, sessionID: this.sessionID };
	}

	#add(body: Parameters<typeof addTracks>[2]): Promise<EndpointReply<typeof addSfuTracks>> {
		return addTracks(this.#account.api, this.#params, body);
	}

	async #answer(offer: RTCSessionDescriptionInit): Promise<void> {
		await this.peer.setRemoteDescription(offer);
		const answer = await this.peer.createAnswer();
		await this.peer.setLocalDescription(answer);
		await this.#account.api(
			answerSfuSession,
			{
				params: this.#params,
				body: { sessionDescription: { type: "answer", sdp: answer.sdp ?? "" } },
			},
			{ signal: AbortSignal.timeout(DESCRIPTION_MS) },
		);
	}

	async #rollBack(): Promise<void> {
		if (this.peer.signalingState !== "have-local-offer") return;
		await this.peer.setLocalDescription({ type: "rollback" });
	}

	#enqueue<T>(change: () => Promise<T>): Promise<T> {
		const run = this.#queue.then(() => {
			if (this.#isClosed) throw new Error("This session is closed.");
			return change();
		});
		// Whoever asked hears of the failure; the next change does not depend on it.
		this.#queue = run.catch(() => null);
		return run;
	}
}

function addTracks(
	api: typeof call,
	params: { callID: CallID; sessionID: string },
	body: Parameters<typeof call<typeof addSfuTracks>>[1]["body"],
): Promise<EndpointReply<typeof addSfuTracks>> {
	return api(addSfuTracks, { params, body });
}

function results(reply: EndpointReply<typeof addSfuTracks>, ownSessionID: string): TrackResult[] {
	return reply.tracks.map(({ sessionID, trackName, mid, errorCode }) => ({
		sessionID: sessionID ?? ownSessionID,
		trackName: trackName ?? "",
		mid: mid ?? "",
		errorCode: errorCode ?? null,
	}));
}
