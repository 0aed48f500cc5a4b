import WebSocket from "ws";
import { Publisher } from "../../cli/publisher.ts";
import { guest } from "../../protocol/account.ts";
import { type Capabilities, joinCall, type Participant } from "../../protocol/call.ts";
import { addSfuTracks, createSfuSession } from "../../protocol/call-sfu.ts";
import type { ParticipantID } from "../../protocol/ids.ts";
import {
	type PublishedTrack,
	type SignalClientMessage,
	SignalServerFrame,
	type SignalServerMessage,
} from "../../protocol/signal.ts";
import { createCertificate } from "../../webrtc/certificate.ts";
import { buildRtp } from "../../webrtc/rtp.ts";
import { Caller, eventually } from "./system.ts";

const CAPABILITIES: Capabilities = {
	sendCodecs: ["vp8", "opus"],
	recvCodecs: ["vp8", "opus"],
	maxWidth: 640,
	maxHeight: 360,
	maxFps: 15,
};
/** One Opus frame of 20 ms of silence (RFC 6716 §3.1: configuration 31, one frame). */
const SILENCE = Buffer.from([0xf8, 0xff, 0xfe]);
const certificate = createCertificate(Date.now());

/** Somebody in a call without a browser: a socket that follows the roster, and if asked sound by real WebRTC. */
export class SyntheticCaller implements AsyncDisposable {
	readonly caller: Caller;
	readonly callID: string;
	readonly participantID: ParticipantID;
	readonly received: SignalServerMessage[] = [];
	readonly roster = new Map<ParticipantID, Participant>();
	/** Bytes of all frames so far. */
	receivedBytes = 0;
	pongs = 0;
	closeCode: number | null = null;
	readonly #socket: WebSocket;
	#publisher: Publisher | null = null;
	#timer: NodeJS.Timeout | null = null;

	private constructor(
		caller: Caller,
		place: { callID: string; participantID: ParticipantID },
		socket: WebSocket,
	) {
		this.caller = caller;
		this.callID = place.callID;
		this.participantID = place.participantID;
		this.#socket = socket;
		socket.on("message", (data) => {
			if (String(data) === "pong") {
				this.pongs++;
				return;
			}
			this.receivedBytes += String(data).length;
			for (const frame of [SignalServerFrame.parse(JSON.parse(String(data)))].flat()) this.#take(frame);
		});
		socket.on("close", (code) => {
			this.closeCode = code;
		});
	}

	/** A guest who comes in by the code, or whoever `caller` is. */
	static async join(url: string, reference: string, caller?: Caller): Promise<SyntheticCaller> {
		const who = caller ?? (await beGuest(url));
		const place = await who.call(joinCall, {
			params: { callID: reference },
			body: { displayName: "Synthetic", capabilities: CAPABILITIES },
		});
		const socket = new WebSocket(`${url.replace("http", "ws")}${place.wsURL}`, [
			"signal.v1",
			`ticket.${place.ticket}`,
		]);
		const self = new SyntheticCaller(who, place, socket);
		await new Promise((resolve, reject) => socket.once("open", resolve).once("error", reject));
		self.send({
			t: "join",
			displayName: "Synthetic",
			capabilities: CAPABILITIES,
			media: { mic: true, cam: false, screen: false },
		});
		await eventually(async () => self.received.some(({ t }) => t === "welcome" || t === "lobby"), 10_000);
		return self;
	}

	send(...messages: SignalClientMessage[]): void {
		this.#socket.send(JSON.stringify(messages));
	}

	/** The text that the room answers without waking. */
	ping(): void {
		this.#socket.send("ping");
	}

	all<T extends SignalServerMessage["t"]>(t: T): Extract<SignalServerMessage, { t: T }>[] {
		return this.received.filter((frame): frame is Extract<SignalServerMessage, { t: T }> => frame.t === t);
	}

	/** Sends silence through the SFU and announces it. */
	async publishSound(): Promise<PublishedTrack> {
		const publisher = new Publisher({ kinds: ["audio"], videoCodec: "vp8", certificate });
		this.#publisher = publisher;
		const { sessionID } = await this.caller.call(createSfuSession, {
			params: { callID: this.callID },
			body: { participantID: this.participantID },
		});
		const reply = await this.caller.call(addSfuTracks, {
			params: { callID: this.callID, sessionID },
			body: {
				sessionDescription: { type: "offer", sdp: publisher.offerSdp },
				tracks: [{ location: "local", mid: "0", trackName: "mic" }],
			},
		});
		await publisher.connect(reply.sessionDescription?.sdp ?? "");
		this.#speak(publisher);
		const track: PublishedTrack = { source: "mic", sessionID, mid: "0", trackName: "mic", rids: [] };
		this.send({ t: "tracks.publish", tracks: [track] });
		return track;
	}

	async [Symbol.asyncDispose](): Promise<void> {
		if (this.#timer) clearInterval(this.#timer);
		await this.#publisher?.close();
		this.#socket.terminate();
	}

	#speak(publisher: Publisher): void {
		let sequenceNumber = 0;
		this.#timer = setInterval(() => {
			sequenceNumber++;
			publisher.packet(
				"audio",
				buildRtp({
					marker: false,
					payloadType: 111,
					sequenceNumber,
					timestamp: sequenceNumber * 960,
					ssrc: 1,
					payload: SILENCE,
				}),
			);
		}, 20);
	}

	#take(frame: SignalServerMessage): void {
		this.received.push(frame);
		if (frame.t === "welcome") {
			this.roster.clear();
			for (const participant of frame.roster) this.roster.set(participant.participantID, participant);
		}
		// Nothing has to be moved: whoever hears this caller pulls from the SFU.
		if (frame.t === "edge.accept") this.send({ ...pick(frame), t: "edge.ready" });
		if (frame.t === "participant.joined") this.roster.set(frame.participant.participantID, frame.participant);
		if (frame.t === "participant.left") this.roster.delete(frame.participantID);
		if (frame.t === "participant.updated") {
			const known = this.roster.get(frame.participantID);
			if (known) this.roster.set(frame.participantID, updated(known, frame));
		}
	}
}

function pick({ peerID, direction, gen }: Extract<SignalServerMessage, { t: "edge.accept" }>) {
	return { peerID, direction, gen };
}

async function beGuest(url: string): Promise<Caller> {
	const caller = new Caller(url);
	caller.token = (await caller.call(guest, { body: { displayName: "Synthetic" } })).accessToken;
	return caller;
}

function updated(
	known: Participant,
	frame: Extract<SignalServerMessage, { t: "participant.updated" }>,
): Participant {
	const media = { ...known.media };
	for (const source of ["mic", "cam", "screen"] as const)
		media[source] = frame.media?.[source] ?? media[source];
	return {
		...known,
		media,
		displayName: frame.displayName ?? known.displayName,
		role: frame.role ?? known.role,
		connection: frame.connection ?? known.connection,
		handRaisedAt: frame.handRaisedAt === undefined ? known.handRaisedAt : frame.handRaisedAt,
	};
}
