import { exports } from "cloudflare:workers";
import * as z from "zod";
import { User } from "../../protocol/account.ts";
import { Channel } from "../../protocol/channel.ts";
import type { ChatClientMessage } from "../../protocol/chat.ts";
import { ChatServerFrame, type ChatServerMessage } from "../../protocol/chat.ts";
import { FrameClient } from "./frame-client.ts";

const ORIGIN = "http://rostrum.test";

const Session = z.object({ accessToken: z.string(), refreshToken: z.string(), user: User });
export type Session = z.infer<typeof Session>;

/** A request through the front door. */
export function send(
	method: string,
	path: string,
	options: {
		body?: unknown;
		/** A body that is not JSON. */
		raw?: Uint8Array<ArrayBuffer>;
		token?: string;
		headers?: Record<string, string>;
	} = {},
) {
	const { body, raw, token, headers } = options;
	return exports.default.fetch(
		new Request(ORIGIN + path, {
			method,
			headers: {
				...(body === undefined || typeof body === "string" ? {} : { "content-type": "application/json" }),
				...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
				...headers,
			},
			...(raw === undefined ? {} : { body: raw }),
			...(body === undefined ? {} : { body: typeof body === "string" ? body : JSON.stringify(body) }),
		}),
	);
}

let count = 0;

export async function registerUser(
	name = `user_${++count}_${crypto.randomUUID().slice(0, 8)}`,
): Promise<Session> {
	const reply = await send("POST", "/auth/register", {
		body: { userName: name, password: "correct horse battery" },
	});
	return Session.parse(await reply.json());
}

export async function makeChannel(owner: Session): Promise<Channel> {
	const handle = `h_${crypto.randomUUID().slice(0, 8)}`;
	const reply = await send("POST", "/channels", {
		token: owner.accessToken,
		body: { handle, name: "A channel" },
	});
	return Channel.parse(await reply.json());
}

/** A chat.v1 socket. */
export class ChatClient extends FrameClient<ChatClientMessage, ChatServerMessage> {
	constructor(socket: WebSocket) {
		super(socket, ChatServerFrame);
	}

	say(message: string, clientMsgID: string = crypto.randomUUID()): void {
		this.send({ t: "message.send", clientMsgID, message });
	}
}

export async function ticketFor(
	session: Session,
	resource: string,
	audience: "chat" | "signal" | "notify" = "chat",
): Promise<string> {
	const reply = await send("POST", "/ws-tickets", {
		token: session.accessToken,
		body: { audience, resource },
	});
	return z.object({ ticket: z.string() }).parse(await reply.json()).ticket;
}

export function upgrade(
	channelID: string,
	protocols: string[],
	headers: Record<string, string> = {},
): Promise<Response> {
	return send("GET", `/channels/${channelID}/live-stream`, {
		headers: { Upgrade: "websocket", "Sec-WebSocket-Protocol": protocols.join(", "), ...headers },
	});
}

/** Joins the chat and is welcomed; without a session as a reader. */
export async function joinChat(
	channelID: string,
	session?: Session,
	resumeFrom?: number,
): Promise<ChatClient> {
	const protocols = ["chat.v1", ...(session ? [`ticket.${await ticketFor(session, channelID)}`] : [])];
	const response = await upgrade(channelID, protocols);
	if (!response.webSocket) throw new Error(`no socket: ${response.status} ${await response.text()}`);
	const client = new ChatClient(response.webSocket);
	client.send({ t: "hello", ...(resumeFrom === undefined ? {} : { resumeFrom }) });
	await client.next("welcome");
	return client;
}
