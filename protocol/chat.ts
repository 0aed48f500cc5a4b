import * as z from "zod";
import { endpoint } from "./endpoint.ts";
import { ChannelReference, MessageID, StreamID, Timestamp, UserID } from "./ids.ts";

/** CONTRACT §1: 500 code points and 2 KiB a line; 4 MiB a frame in; batches out at most 64 KiB. */
export const CHAT_LIMITS = {
	messageCodePoints: 500,
	messageBytes: 2048,
	historyMessages: 50,
	batchBytes: 64 * 1024,
} as const;

const Text = z.string().max(CHAT_LIMITS.messageBytes);
const ClientMessageID = z.string().min(1).max(64);
const Sequence = z.int().min(0);

export const ChatSettings = z.object({ slowModeSeconds: z.int().min(0).max(300) });
export type ChatSettings = z.infer<typeof ChatSettings>;

/** Where in the text an emote stands, in code points, end exclusive. */
export const EmoteRange = z.object({ emoteID: z.string(), start: z.int(), end: z.int() });
export type EmoteRange = z.infer<typeof EmoteRange>;

export const ChatMessage = z.object({
	messageID: MessageID,
	seq: Sequence,
	userID: UserID,
	userName: z.string(),
	message: z.string(),
	emotes: z.array(EmoteRange),
	sentAt: Timestamp,
	status: z.enum(["delivered", "sent"]).optional(),
	replyTo: MessageID.optional(),
});
export type ChatMessage = z.infer<typeof ChatMessage>;

/** What a client sends on chat.v1 (CONTRACT §3). A bare `{message}` is the seeds' form. */
export const ChatClientMessage = z.union([
	z.discriminatedUnion("t", [
		z.object({
			t: z.literal("hello"),
			resumeFrom: Sequence.optional(),
			viewerSessionID: z
				.string()
				.regex(/^[A-Za-z0-9_-]{16,64}$/)
				.optional(),
			playing: z.boolean().optional(),
		}),
		z.object({
			t: z.literal("message.send"),
			clientMsgID: ClientMessageID,
			message: Text,
			replyTo: MessageID.optional(),
		}),
	]),
	z.object({ t: z.undefined().optional(), message: Text }),
]);
export type ChatClientMessage = z.infer<typeof ChatClientMessage>;

const You = z.object({
	userID: UserID.nullable(),
	userName: z.string().nullable(),
	role: z.enum(["owner", "viewer", "anonymous"]),
	isBanned: z.boolean(),
	bannedUntil: Timestamp.nullable().optional(),
});

export const StreamAnnouncement = z.object({
	t: z.literal("stream"),
	state: z.enum(["live", "paused", "ended"]),
	streamID: StreamID,
	title: z.string(),
	startedAt: Timestamp.nullable(),
});
export type StreamAnnouncement = z.infer<typeof StreamAnnouncement>;

/** What the hub sends. A frame is one of these or an array of them; a client takes both. */
export const ChatServerMessage = z.discriminatedUnion("t", [
	z.object({
		t: z.literal("welcome"),
		sessionID: z.string(),
		streamID: StreamID.nullable(),
		seq: Sequence,
		currentWatcherCount: z.int(),
		you: You,
		settings: ChatSettings,
		history: z.array(ChatMessage),
		/** True if `history` follows on `resumeFrom` without a gap. */
		resumed: z.boolean(),
	}),
	ChatMessage.extend({ t: z.literal("message") }),
	z.object({
		t: z.literal("ack"),
		clientMsgID: ClientMessageID,
		messageID: MessageID,
		seq: Sequence,
		sentAt: Timestamp,
		status: z.literal("delivered"),
	}),
	z.object({ t: z.literal("status"), messageID: MessageID, status: z.literal("sent"), sentTo: z.int() }),
	z.object({ t: z.literal("you.banned"), reason: z.string().optional(), bannedUntil: Timestamp.nullable() }),
	z.object({ t: z.literal("you.unbanned") }),
	z.object({ t: z.literal("message.deleted"), messageID: MessageID }),
	z.object({ t: z.literal("user.cleared"), userID: UserID }),
	z.object({ t: z.literal("settings"), settings: ChatSettings }),
	z.object({ t: z.literal("watchers"), currentWatcherCount: z.int() }),
	StreamAnnouncement,
	z.object({
		t: z.literal("error"),
		code: z.enum([
			"banned",
			"slow-mode",
			"rate-limited",
			"too-long",
			"empty",
			"unauthenticated",
			"bad-frame",
		]),
		detail: z.string(),
		clientMsgID: ClientMessageID.optional(),
		retryAfterMs: z.int().optional(),
		bannedUntil: Timestamp.nullable().optional(),
		reason: z.string().optional(),
	}),
	z.object({ t: z.literal("gap"), from: Sequence, to: Sequence }),
	z.object({ t: z.literal("goaway"), reconnectInMs: z.int(), reason: z.string() }),
]);
export type ChatServerMessage = z.infer<typeof ChatServerMessage>;

export const ChatServerFrame = z.union([ChatServerMessage, z.array(ChatServerMessage)]);

/** Why a chat.v1 socket was closed, CONTRACT §3. */
export const CHAT_CLOSE = {
	badFrame: 4400,
	replaced: 4409,
} as const;

const channelParams = z.object({ channelID: ChannelReference });
const banParams = z.object({ channelID: ChannelReference, userID: UserID });

/** `nextCursor`: what the last page gave, or the raw `sentAt` of the oldest message in view (004:339). Newest first. */
export const listMessages = endpoint({
	operationID: "listMessages",
	cacheControl: "private, no-cache",
	method: "GET",
	path: "/channels/:channelID/live-stream/messages",
	summary: "Past messages, from before joining too",
	auth: "none",
	params: channelParams,
	query: z.object({
		nextCursor: z.string().max(512).optional(),
		limit: z.coerce.number().int().min(1).max(100).default(50),
		streamID: StreamID.optional(),
	}),
	status: 200,
	reply: z.object({ messages: z.array(ChatMessage), nextCursor: z.string().nullable(), limit: z.int() }),
	errors: ["bad-cursor"],
});

export const Ban = z.object({
	channelID: z.string(),
	userID: UserID,
	isBanned: z.literal(true),
	reason: z.string().nullable(),
	createdAt: Timestamp,
	expiresAt: Timestamp.nullable(),
	byUserID: UserID,
});
export type Ban = z.infer<typeof Ban>;

const BanOrder = z.object({
	reason: z.string().max(280).optional(),
	durationSeconds: z
		.int()
		.min(1)
		.max(10 * 365 * 86_400)
		.optional(),
});

/** `banUserInChat` of the seeds. Without `durationSeconds` it lasts until it is lifted. */
export const banUser = endpoint({
	operationID: "banUserInChat",
	method: "PUT",
	path: "/channels/:channelID/bans/:userID",
	summary: "Ban somebody from the chat; they are told at once",
	auth: "owner",
	params: banParams,
	body: BanOrder,
	status: 201,
	reply: Ban,
	errors: ["cannot-ban-owner"],
});

export const banUserAlias = endpoint({
	operationID: "banUserInChatByBody",
	method: "POST",
	path: "/channels/:channelID/bans",
	summary: "The same ban with the user in the body",
	auth: "owner",
	params: channelParams,
	body: BanOrder.extend({ userID: UserID }),
	status: 201,
	reply: Ban,
	errors: ["cannot-ban-owner"],
});

export const unbanUser = endpoint({
	operationID: "unbanUserInChat",
	method: "DELETE",
	path: "/channels/:channelID/bans/:userID",
	summary: "Lift a ban",
	auth: "owner",
	params: banParams,
	status: 204,
});

export const listBans = endpoint({
	operationID: "listBans",
	method: "GET",
	path: "/channels/:channelID/bans",
	summary: "Bans in force",
	auth: "owner",
	params: channelParams,
	status: 200,
	reply: z.object({ items: z.array(Ban), nextCursor: z.string().nullable() }),
});

export const Emote = z.object({
	emoteID: z.string(),
	code: z.string(),
	imageURL: z.string(),
	animated: z.boolean(),
	alt: z.string(),
});
export type Emote = z.infer<typeof Emote>;

export const listEmotes = endpoint({
	operationID: "listEmotes",
	cacheControl: "public, max-age=86400, immutable",
	method: "GET",
	path: "/emotes",
	summary: "The emotes that everyone may use",
	auth: "none",
	query: z.object({ set: z.literal("global").default("global") }),
	status: 200,
	reply: z.object({ items: z.array(Emote), version: z.string() }),
});
