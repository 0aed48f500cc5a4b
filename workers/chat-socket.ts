import type { ChannelRow } from "../adapters/database/channel-table.ts";
import type { Identity } from "../adapters/tokens.ts";
import type { ChatVisitor } from "../durable-objects/chat-hub.ts";
import { AppError } from "../protocol/errors.ts";
import type { AppContext } from "./route.ts";
import type { Services } from "./services.ts";

/**
 * Hands a WebSocket upgrade to the channel's hub, with who comes verified. A browser's ticket stands in the
 * sub-protocols (`ticket.<t>`) or in `?ticket=`; other clients may send their access token. Anybody may read.
 */
export async function openChatSocket(
	context: AppContext,
	services: Services,
	at: { channel: ChannelRow; identity: Identity | null },
): Promise<Response> {
	checkOrigin(context, services);
	const { channel } = at;
	const protocols = (context.req.header("sec-websocket-protocol") ?? "")
		.split(",")
		.map((item) => item.trim());
	const ticket =
		protocols.find((item) => item.startsWith("ticket."))?.slice("ticket.".length) ??
		context.req.query("ticket");
	const verified =
		ticket === undefined ? null : await (await services.tokens()).verifyTicket(ticket, channel.channelID);
	const identity = verified?.identity ?? at.identity;
	const visitor: ChatVisitor = {
		userID: identity?.userID ?? null,
		userName: identity?.displayName ?? null,
		isOwner: identity?.userID === channel.ownerID,
		ticket: verified ? { ticketID: verified.ticketID, expiresAt: verified.expiresAt } : null,
	};
	const headers = new Headers({ Upgrade: "websocket", "x-visitor": JSON.stringify(visitor) });
	if (protocols.includes("chat.v1")) headers.set("x-protocol", "chat.v1");
	const response = await services
		.chatHub(channel.channelID)
		.fetch(new Request(context.req.raw.url, { headers }));
	if (response.status === 101) return response;
	throw new AppError("bad-ticket", "The ticket was used before. Ask for a new one.");
}

/** A page of another site may not open sockets in our users' names. */
function checkOrigin(context: AppContext, services: Services): void {
	const origin = context.req.header("origin");
	if (origin === undefined || origin === new URL(context.req.url).origin) return;
	if (services.config.allowedOrigins.includes(origin)) return;
	throw new AppError("origin-not-allowed", "This site may not open sockets here.");
}
