import type { BanRow } from "../../adapters/database/ban-table.ts";
import type { Identity } from "../../adapters/tokens.ts";
import { EMOTE_VERSION, GLOBAL_EMOTES } from "../../domain/chat/emotes.ts";
import {
	type Ban,
	banUser,
	banUserAlias,
	listBans,
	listEmotes,
	listMessages,
	unbanUser,
} from "../../protocol/chat.ts";
import { AppError } from "../../protocol/errors.ts";
import { type ChannelReference, Timestamp, type UserID } from "../../protocol/ids.ts";
import { openChatSocket } from "../chat-socket.ts";
import { decodeCursor, encodeCursor } from "../cursor.ts";
import { type App, requireIdentity, route } from "../route.ts";
import type { Services } from "../services.ts";
import { ownedChannel } from "./channel.ts";

export function mountChat(app: App): void {
	route(app, listMessages, async ({ params, query, services, context, identity }) => {
		const channel = await services.channels.get(params.channelID);
		if (context.req.header("upgrade")?.toLowerCase() === "websocket") {
			return openChatSocket(context, services, { channel, identity });
		}
		const { messages, nextSeq } = await services.chatHub(channel.channelID).page({
			before: query.nextCursor === undefined ? null : await readMessageCursor(services, query.nextCursor),
			streamID: query.streamID ?? null,
			limit: query.limit,
		});
		return {
			messages,
			nextCursor: nextSeq === null ? null : await encodeCursor(await services.mac(), String(nextSeq)),
			limit: query.limit,
		};
	});

	route(app, banUser, async ({ params, body, services, ...call }) =>
		ban(services, { ...params, by: requireIdentity(call), ...body }),
	);

	route(app, banUserAlias, async ({ params, body, services, ...call }) =>
		ban(services, { ...params, by: requireIdentity(call), ...body }),
	);

	route(app, unbanUser, async ({ params, services, ...call }) => {
		const { channelID } = await ownedChannel(services, params.channelID, requireIdentity(call));
		await services.chatHub(channelID).unban(params.userID);
		await services.bans.lift(channelID, params.userID);
		return undefined;
	});

	route(app, listBans, async ({ params, services, ...call }) => {
		const { channelID } = await ownedChannel(services, params.channelID, requireIdentity(call));
		const now = Date.now();
		const rows = (await services.bans.list(channelID)).filter(
			(row) => row.expiresAt === null || row.expiresAt > now,
		);
		return { items: rows.map((row) => toBan(channelID, row)), nextCursor: null };
	});

	route(app, listEmotes, async () => ({ items: [...GLOBAL_EMOTES], version: EMOTE_VERSION }));
}

/** The hub first: from here on nothing of theirs gets through. Then the row that lists show. */
async function ban(
	services: Services,
	order: {
		channelID: ChannelReference;
		userID: UserID;
		by: Identity;
		reason?: string | undefined;
		durationSeconds?: number | undefined;
	},
): Promise<Ban> {
	const channel = await ownedChannel(services, order.channelID, order.by);
	if (order.userID === channel.ownerID)
		throw new AppError("cannot-ban-owner", "The owner cannot be banned from the own chat.");
	const now = Date.now();
	const row: BanRow = {
		userID: order.userID,
		reason: order.reason ?? null,
		createdAt: now,
		expiresAt: order.durationSeconds === undefined ? null : now + order.durationSeconds * 1000,
		byUserID: order.by.userID,
	};
	await services.chatHub(channel.channelID).ban(row.userID, { reason: row.reason, expiresAt: row.expiresAt });
	await services.bans.put(channel.channelID, row);
	return toBan(channel.channelID, row);
}

function toBan(channelID: string, row: BanRow): Ban {
	return {
		channelID,
		userID: row.userID,
		isBanned: true,
		reason: row.reason,
		createdAt: new Date(row.createdAt).toISOString(),
		expiresAt: row.expiresAt === null ? null : new Date(row.expiresAt).toISOString(),
		byUserID: row.byUserID,
	};
}

/** Our own cursor, or the raw `sentAt` of the oldest message in view (004:339). Throws AppError `bad-cursor`. */
async function readMessageCursor(
	services: Services,
	cursor: string,
): Promise<{ seq: number } | { sentAt: string }> {
	if (Timestamp.safeParse(cursor).success) return { sentAt: cursor };
	return { seq: Number(await decodeCursor(await services.mac(), cursor)) };
}
