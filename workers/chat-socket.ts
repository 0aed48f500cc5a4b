import type { ChannelRow } from "../adapters/database/channel-table.ts";
import type { Identity } from "../adapters/tokens.ts";
import type { ChatVisitor } from "../durable-objects/chat-hub.ts";
import type { AppContext } from "./route.ts";
import type { Services } from "./services.ts";
import { readTicket, upgraded, upgradeRequest } from "./sockets.ts";

/** Hands a WebSocket upgrade to the channel's hub, with who comes verified. Anybody may read; other clients than browsers may send their access token. */
export async function openChatSocket(
	context: AppContext,
	services: Services,
	at: { channel: ChannelRow; identity: Identity | null },
): Promise<Response> {
	const { channel } = at;
	const verified = await readTicket(context, services, { audience: "chat", resource: channel.channelID });
	const identity = verified?.identity ?? at.identity;
	const visitor: ChatVisitor = {
		userID: identity?.userID ?? null,
		userName: identity?.displayName ?? null,
		isOwner: identity?.userID === channel.ownerID,
		ticket: verified ? { ticketID: verified.ticketID, expiresAt: verified.expiresAt } : null,
	};
	const hub = services.chatHub(channel.channelID);
	return await upgraded(await hub.fetch(upgradeRequest(context, visitor, "chat.v1")));
}
