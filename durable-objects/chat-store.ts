import * as z from "zod";
import type { ActiveBan } from "../domain/chat/chat.ts";
import type { ChatMessage } from "../protocol/chat.ts";
import { EmoteRange } from "../protocol/chat.ts";
import { MessageID, type StreamID, UserID } from "../protocol/ids.ts";
import { Facts } from "./facts.ts";
import { UsedTickets } from "./used-tickets.ts";

/** What a page of past messages asks for; `before` is exclusive. */
export interface PageQuery {
	before: { seq: number } | { sentAt: string } | null;
	streamID: StreamID | null;
	limit: number;
}

/** One channel's chat on disk: lines, bans, used tickets and small facts. */
export class ChatStore {
	readonly facts: Facts;
	readonly tickets: UsedTickets;
	readonly #sql: SqlStorage;

	constructor(sql: SqlStorage) {
		this.#sql = sql;
		this.facts = new Facts(sql);
		this.tickets = new UsedTickets(sql);
		sql.exec(`
			CREATE TABLE IF NOT EXISTS messages (
				seq INTEGER PRIMARY KEY, messageID TEXT NOT NULL UNIQUE, streamID TEXT, userID TEXT NOT NULL,
				userName TEXT NOT NULL, message TEXT NOT NULL, emotes TEXT NOT NULL, sentAt TEXT NOT NULL,
				replyTo TEXT, clientMsgID TEXT NOT NULL
			);
			CREATE UNIQUE INDEX IF NOT EXISTS messages_client ON messages (userID, clientMsgID);
			CREATE INDEX IF NOT EXISTS messages_sentAt ON messages (sentAt, seq);
			CREATE INDEX IF NOT EXISTS messages_stream ON messages (streamID, seq);
			CREATE TABLE IF NOT EXISTS bans (userID TEXT PRIMARY KEY, reason TEXT, expiresAt INTEGER);
		`);
	}

	append(message: ChatMessage, clientMsgID: string, streamID: StreamID | null): void {
		this.#sql.exec(
			"INSERT INTO messages (seq, messageID, streamID, userID, userName, message, emotes, sentAt, replyTo, clientMsgID) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
			message.seq,
			message.messageID,
			streamID,
			message.userID,
			message.userName,
			message.message,
			JSON.stringify(message.emotes),
			message.sentAt,
			message.replyTo ?? null,
			clientMsgID,
		);
	}

	/** The line that this user already sent under this name, if any: a repeat after a lost answer. */
	findRepeated(userID: UserID, clientMsgID: string): ChatMessage | null {
		const rows = this.#sql.exec<Row>(
			"SELECT * FROM messages WHERE userID = ? AND clientMsgID = ?",
			userID,
			clientMsgID,
		);
		const row = rows.toArray()[0];
		return row ? toMessage(row) : null;
	}

	lastSeq(): number {
		return this.#sql.exec<{ seq: number | null }>("SELECT max(seq) AS seq FROM messages").one().seq ?? 0;
	}

	/** Newest first. */
	page(query: PageQuery): ChatMessage[] {
		const conditions = ["1 = 1"];
		const values: (string | number)[] = [];
		if (query.before && "seq" in query.before) {
			conditions.push("seq < ?");
			values.push(query.before.seq);
		} else if (query.before) {
			conditions.push("sentAt < ?");
			values.push(query.before.sentAt);
		}
		if (query.streamID !== null) {
			conditions.push("streamID = ?");
			values.push(query.streamID);
		}
		return this.#sql
			.exec<Row>(
				`SELECT * FROM messages WHERE ${conditions.join(" AND ")} ORDER BY seq DESC LIMIT ?`,
				...values,
				query.limit,
			)
			.toArray()
			.map(toMessage);
	}

	/** Oldest first: what came after `seq`, at most `limit`. */
	since(seq: number, limit: number): ChatMessage[] {
		return this.#sql
			.exec<Row>("SELECT * FROM messages WHERE seq > ? ORDER BY seq LIMIT ?", seq, limit)
			.toArray()
			.map(toMessage);
	}

	bans(): [UserID, ActiveBan][] {
		return this.#sql
			.exec<{ userID: string; reason: string | null; expiresAt: number | null }>("SELECT * FROM bans")
			.toArray()
			.map((row) => [UserID.parse(row.userID), { reason: row.reason, expiresAt: row.expiresAt }]);
	}

	putBan(userID: UserID, ban: ActiveBan): void {
		this.#sql.exec(
			"INSERT OR REPLACE INTO bans (userID, reason, expiresAt) VALUES (?, ?, ?)",
			userID,
			ban.reason,
			ban.expiresAt,
		);
	}

	dropBan(userID: UserID): void {
		this.#sql.exec("DELETE FROM bans WHERE userID = ?", userID);
	}
}

type Row = {
	seq: number;
	messageID: string;
	userID: string;
	userName: string;
	message: string;
	emotes: string;
	sentAt: string;
	replyTo: string | null;
};

function toMessage(row: Row): ChatMessage {
	return {
		messageID: MessageID.parse(row.messageID),
		seq: row.seq,
		userID: UserID.parse(row.userID),
		userName: row.userName,
		message: row.message,
		emotes: z.array(EmoteRange).parse(JSON.parse(row.emotes)),
		sentAt: row.sentAt,
		...(row.replyTo === null ? {} : { replyTo: MessageID.parse(row.replyTo) }),
	};
}
