import { CHAT_LIMITS, type ChatMessage, type ChatServerMessage } from "../../protocol/chat.ts";
import type { MessageID, UserID } from "../../protocol/ids.ts";
import { countCodePoints, findEmotes } from "./emotes.ts";

/** Who speaks on a socket; null fields for somebody who only reads. */
export interface Speaker {
	sessionID: string;
	userID: UserID | null;
	userName: string | null;
	role: "owner" | "viewer" | "anonymous";
}

export interface ActiveBan {
	reason: string | null;
	/** Null: until it is lifted. */
	expiresAt: number | null;
}

export type ChatEffect =
	/** Write the line down before anybody hears of it. */
	| { do: "store"; message: ChatMessage; clientMsgID: string }
	/** To the speaker's socket only. */
	| { do: "reply"; frame: ChatServerMessage }
	/** To everyone, the speaker too. */
	| { do: "broadcast"; frame: ChatServerMessage };

/** 20 lines in 30 s, the owner five times as many (CONTRACT §1). */
const RATE = { lines: 20, windowMs: 30_000, ownerFactor: 5 } as const;
/** Users whose last lines are counted at most. */
const MAX_REMEMBERED = 10_000;

/**
 * The rules of one channel's chat. Sequence numbers, bans and slow mode are durable and given back by the
 * object that stores them; rate windows may be lost with a restart.
 */
export class Chat {
	#seq: number;
	#slowModeSeconds: number;
	readonly #bans: Map<UserID, ActiveBan>;
	readonly #recent = new Map<UserID, number[]>();

	constructor(restored: {
		seq: number;
		slowModeSeconds: number;
		bans: Iterable<readonly [UserID, ActiveBan]>;
	}) {
		this.#seq = restored.seq;
		this.#slowModeSeconds = restored.slowModeSeconds;
		this.#bans = new Map(restored.bans);
	}

	get seq(): number {
		return this.#seq;
	}

	get settings(): { slowModeSeconds: number } {
		return { slowModeSeconds: this.#slowModeSeconds };
	}

	/** One line. Checks in the order of CONTRACT §4.8; a refusal stores nothing. */
	say(
		speaker: Speaker,
		line: { message: string; clientMsgID: string; replyTo?: MessageID | undefined },
		context: { messageID: MessageID; now: number },
	): ChatEffect[] {
		const { userID, userName } = speaker;
		const refuse = (code: RefusalCode, detail: string, more: RefusalDetails = {}): ChatEffect[] => [
			{ do: "reply", frame: { t: "error", code, detail, clientMsgID: line.clientMsgID, ...more } },
		];
		if (userID === null || userName === null)
			return refuse("unauthenticated", "Sign in to write in the chat.");
		const text = line.message.trim();
		if (text === "") return refuse("empty", "The message is empty.");
		if (countCodePoints(text) > CHAT_LIMITS.messageCodePoints) {
			return refuse("too-long", `A message has at most ${CHAT_LIMITS.messageCodePoints} characters.`);
		}
		const wait = this.#waitMs(userID, speaker.role === "owner", context.now);
		if (wait) return refuse(wait.code, wait.detail, { retryAfterMs: wait.ms });
		const ban = this.ban(userID, context.now);
		if (ban) return refuse("banned", "You are banned from this chat.", banDetails(ban));
		return this.#accept({ ...line, message: text }, { userID, userName, ...context });
	}

	/** The ban in force, or null. */
	ban(userID: UserID, now: number): ActiveBan | null {
		const ban = this.#bans.get(userID);
		if (!ban) return null;
		if (ban.expiresAt === null || ban.expiresAt > now) return ban;
		this.#bans.delete(userID);
		return null;
	}

	banned(userID: UserID, ban: ActiveBan): ChatServerMessage {
		this.#bans.set(userID, ban);
		return { t: "you.banned", ...banDetails(ban) };
	}

	unbanned(userID: UserID): ChatServerMessage {
		this.#bans.delete(userID);
		return { t: "you.unbanned" };
	}

	#accept(
		line: { message: string; clientMsgID: string; replyTo?: MessageID | undefined },
		by: { userID: UserID; userName: string; messageID: MessageID; now: number },
	): ChatEffect[] {
		this.#seq++;
		const sentAt = new Date(by.now).toISOString();
		const message: ChatMessage = {
			messageID: by.messageID,
			seq: this.#seq,
			userID: by.userID,
			userName: by.userName,
			message: line.message,
			emotes: findEmotes(line.message),
			sentAt,
			...(line.replyTo === undefined ? {} : { replyTo: line.replyTo }),
		};
		this.#remember(by.userID, by.now);
		return [
			{ do: "store", message, clientMsgID: line.clientMsgID },
			{
				do: "reply",
				frame: {
					t: "ack",
					clientMsgID: line.clientMsgID,
					messageID: by.messageID,
					seq: this.#seq,
					sentAt,
					status: "delivered",
				},
			},
			{ do: "broadcast", frame: { t: "message", ...message } },
		];
	}

	/** Guests cost nothing to make: of too many names those that spoke first are forgotten. */
	#remember(userID: UserID, now: number): void {
		const times = [...(this.#recent.get(userID) ?? []), now];
		this.#recent.delete(userID);
		this.#recent.set(userID, times);
		const [oldest] = this.#recent.keys();
		if (this.#recent.size > MAX_REMEMBERED && oldest !== undefined) this.#recent.delete(oldest);
	}

	/** How long this user must wait, or null. Forgets lines that no longer count. */
	#waitMs(
		userID: UserID,
		isOwner: boolean,
		now: number,
	): { code: RefusalCode; detail: string; ms: number } | null {
		const recent = (this.#recent.get(userID) ?? []).filter(
			(at) => now - at < Math.max(RATE.windowMs, this.#slowModeSeconds * 1000),
		);
		if (recent.length === 0) this.#recent.delete(userID);
		else this.#recent.set(userID, recent);
		const last = recent.at(-1);
		const slowMs = last === undefined || isOwner ? 0 : last + this.#slowModeSeconds * 1000 - now;
		if (slowMs > 0) return { code: "slow-mode", detail: "Slow mode is on.", ms: slowMs };
		const inWindow = recent.filter((at) => now - at < RATE.windowMs);
		const allowed = RATE.lines * (isOwner ? RATE.ownerFactor : 1);
		const oldest = inWindow[inWindow.length - allowed];
		if (oldest === undefined) return null;
		return { code: "rate-limited", detail: "You are writing too fast.", ms: oldest + RATE.windowMs - now };
	}
}

type RefusalCode = Extract<ChatServerMessage, { t: "error" }>["code"];
type RefusalDetails = Partial<Omit<Extract<ChatServerMessage, { t: "error" }>, "t" | "code" | "detail">>;

function banDetails(ban: ActiveBan): { reason?: string; bannedUntil: string | null } {
	return {
		...(ban.reason === null ? {} : { reason: ban.reason }),
		bannedUntil: ban.expiresAt === null ? null : new Date(ban.expiresAt).toISOString(),
	};
}
