import { and, desc, eq, inArray, isNull, lt } from "drizzle-orm";
import { AppError } from "../../protocol/errors.ts";
import { ChannelID, type ChannelReference, StreamID, UserID } from "../../protocol/ids.ts";
import { type Database, isUniqueViolation, randomSecret, sha256Hex } from "./database.ts";
import { channels, livestreams, streamKeys } from "./schema.ts";

export interface ChannelRow {
	channelID: ChannelID;
	handle: string;
	name: string;
	description: string;
	ownerID: UserID;
	followerCount: number;
	slowModeSeconds: number;
	createdAt: number;
	/** The stream that is on, if one is. */
	current: {
		streamID: StreamID;
		title: string;
		state: string;
		currentWatcherCount: number;
		startedAt: number | null;
		latencyMode: "realtime" | "low" | "normal";
	} | null;
}

const CURRENT_STATES = ["created", "live", "paused"] as const;

/** Channels with their current stream, and their stream keys. */
export class ChannelTable {
	readonly #database: Database;

	constructor(database: Database) {
		this.#database = database;
	}

	/** Throws AppError `handle-taken`. */
	async insert(channel: Omit<ChannelRow, "current" | "followerCount" | "slowModeSeconds">): Promise<void> {
		try {
			await this.#database.insert(channels).values(channel);
		} catch (cause) {
			if (!isUniqueViolation(cause)) throw cause;
			throw new AppError("handle-taken", `The handle @${channel.handle} is taken.`, { cause });
		}
	}

	/** Throws AppError `not-found`. */
	async get(reference: ChannelReference): Promise<ChannelRow> {
		const condition = reference.startsWith("@")
			? eq(channels.handle, reference.slice(1))
			: eq(channels.channelID, reference);
		const [row] = await this.#select().where(condition).limit(1);
		if (!row) throw new AppError("not-found", "There is no such channel.");
		return toChannel(row);
	}

	/** Newest first, or with `live` the most watched first. `before` is the last channelID of the page before. */
	async list(query: {
		live: boolean;
		ownerID?: UserID | undefined;
		before?: string | undefined;
		limit: number;
	}) {
		const rows = await this.#select()
			.where(
				and(
					query.live ? inArray(livestreams.state, ["live", "paused"]) : undefined,
					query.ownerID ? eq(channels.ownerID, query.ownerID) : undefined,
					query.before ? lt(channels.channelID, query.before) : undefined,
				),
			)
			.orderBy(desc(channels.channelID))
			.limit(query.limit);
		return rows.map(toChannel);
	}

	/** Replaces the channel's key. Returns the whole key; only its hash is kept. */
	async rotateKey(channelID: ChannelID, now: number): Promise<string> {
		const key = randomSecret("sk_");
		const keyHash = await sha256Hex(key);
		await this.#database.batch([
			this.#revoke(channelID, now),
			this.#database.insert(streamKeys).values({ keyHash, channelID, hint: key.slice(-4), createdAt: now }),
		]);
		return key;
	}

	async revokeKey(channelID: ChannelID, now: number): Promise<void> {
		await this.#revoke(channelID, now);
	}

	/** The last four signs of the key in force, or null. */
	async keyHint(channelID: ChannelID): Promise<string | null> {
		const [row] = await this.#database
			.select({ hint: streamKeys.hint })
			.from(streamKeys)
			.where(and(eq(streamKeys.channelID, channelID), isNull(streamKeys.revokedAt)));
		return row?.hint ?? null;
	}

	/** Throws AppError `unauthenticated` for an unknown key, `key-revoked`, or `forbidden` for another channel's. */
	async checkKey(channelID: ChannelID, key: string): Promise<void> {
		const [row] = await this.#database
			.select()
			.from(streamKeys)
			.where(eq(streamKeys.keyHash, await sha256Hex(key)));
		if (!row) throw new AppError("unauthenticated", "The stream key is not known.", { headers: BEARER });
		if (row.revokedAt !== null)
			throw new AppError("key-revoked", "This stream key has been replaced or revoked.");
		if (row.channelID !== channelID)
			throw new AppError("forbidden", "This stream key belongs to another channel.");
	}

	#revoke(channelID: ChannelID, now: number) {
		return this.#database
			.update(streamKeys)
			.set({ revokedAt: now })
			.where(and(eq(streamKeys.channelID, channelID), isNull(streamKeys.revokedAt)));
	}

	#select() {
		return this.#database
			.select({
				channel: channels,
				current: {
					streamID: livestreams.streamID,
					title: livestreams.title,
					state: livestreams.state,
					currentWatcherCount: livestreams.currentWatcherCount,
					startedAt: livestreams.startedAt,
					latencyMode: livestreams.latencyMode,
				},
			})
			.from(channels)
			.leftJoin(
				livestreams,
				and(eq(livestreams.channelID, channels.channelID), inArray(livestreams.state, [...CURRENT_STATES])),
			)
			.$dynamic();
	}
}

const BEARER = { "WWW-Authenticate": "Bearer" };

interface SelectedRow {
	channel: typeof channels.$inferSelect;
	current: Pick<
		typeof livestreams.$inferSelect,
		"streamID" | "title" | "state" | "currentWatcherCount" | "startedAt" | "latencyMode"
	> | null;
}

function toChannel(row: SelectedRow): ChannelRow {
	return {
		...row.channel,
		channelID: ChannelID.parse(row.channel.channelID),
		ownerID: UserID.parse(row.channel.ownerID),
		current: row.current ? { ...row.current, streamID: StreamID.parse(row.current.streamID) } : null,
	};
}
