import * as z from "zod";
import { User } from "../../protocol/account.ts";
import { Call, type Capabilities } from "../../protocol/call.ts";
import { ParticipantID } from "../../protocol/ids.ts";
import {
	type SignalClientMessage,
	SignalServerFrame,
	type SignalServerMessage,
} from "../../protocol/signal.ts";
import { type Session, send } from "./client.ts";
import { FrameClient } from "./frame-client.ts";

export const CAPABILITIES: Capabilities = {
	sendCodecs: ["vp8", "h264", "opus"],
	recvCodecs: ["vp8", "h264", "opus"],
	maxWidth: 1280,
	maxHeight: 720,
	maxFps: 30,
};

export async function makeCall(host: Session, wishes: object = {}): Promise<Call> {
	const reply = await send("POST", "/calls", {
		token: host.accessToken,
		body: { kind: "video", ...wishes },
	});
	return Call.parse(await reply.json());
}

export async function makeGuest(displayName = "Gast"): Promise<Session> {
	const reply = await send("POST", "/auth/guest", {
		body: { displayName },
		// Each from its own address: making many in a minute is refused otherwise.
		headers: { "cf-connecting-ip": crypto.randomUUID() },
	});
	const { accessToken, user } = z.object({ accessToken: z.string(), user: User }).parse(await reply.json());
	return { accessToken, refreshToken: "", user };
}

/** Takes a place; the reply as it is. */
export function takePlace(session: Session, reference: string, capabilities: Capabilities = CAPABILITIES) {
	return send("POST", `/calls/${reference}/participants`, {
		token: session.accessToken,
		body: { displayName: session.user.displayName, capabilities },
	});
}

/** A signal.v1 socket. */
export class CallClient extends FrameClient<
	SignalClientMessage | SignalClientMessage[],
	SignalServerMessage
> {
	/** Characters of all frames so far. */
	size = 0;

	constructor(socket: WebSocket) {
		super(socket, SignalServerFrame);
		socket.addEventListener("message", (event) => {
			this.size += String(event.data).length;
		});
	}

	/** Several messages in one frame. */
	sendAll(...messages: SignalClientMessage[]): void {
		this.send(messages);
	}

	/** Resolves once everything sent before has been heard by the room. */
	async settled(): Promise<void> {
		const id = crypto.randomUUID();
		this.send({ t: "offer", id, to: NOBODY, gen: 1, sdp: "v=0" });
		await this.next("error", (error) => error.id === id);
	}
}

const NOBODY = ParticipantID.parse("pt_00000000000000000000000000");

export function openSocket(path: string, ticket: string): Promise<Response> {
	return send("GET", path, {
		headers: { Upgrade: "websocket", "Sec-WebSocket-Protocol": `signal.v1, ticket.${ticket}` },
	});
}

export async function signalTicket(session: Session, callID: string): Promise<string> {
	const reply = await send("POST", "/ws-tickets", {
		token: session.accessToken,
		body: { audience: "signal", resource: callID },
	});
	return z.object({ ticket: z.string() }).parse(await reply.json()).ticket;
}

const Place = z.object({ wsURL: z.string(), ticket: z.string(), participantID: ParticipantID });

export interface Joined {
	client: CallClient;
	session: Session;
	participantID: ParticipantID;
	welcome: Extract<SignalServerMessage, { t: "welcome" }>;
}

/** Takes a place, opens the socket and says `join`, without waiting for the answer. */
export async function enter(
	session: Session,
	reference: string,
	wishes: { capabilities?: Capabilities; media?: { mic: boolean; cam: boolean; screen: boolean } } = {},
) {
	const capabilities = wishes.capabilities ?? CAPABILITIES;
	const reply = await takePlace(session, reference, capabilities);
	const place = Place.parse(await reply.json());
	const upgraded = await openSocket(place.wsURL, place.ticket);
	if (!upgraded.webSocket) throw new Error(`no socket: ${upgraded.status} ${await upgraded.text()}`);
	const client = new CallClient(upgraded.webSocket);
	const media = wishes.media ?? { mic: true, cam: true, screen: false };
	client.send({ t: "join", displayName: session.user.displayName, capabilities, media });
	return { client, session, participantID: place.participantID };
}

export async function joinAs(
	session: Session,
	reference: string,
	wishes: Parameters<typeof enter>[2] = {},
): Promise<Joined> {
	const entered = await enter(session, reference, wishes);
	return { ...entered, welcome: await entered.client.next("welcome") };
}
