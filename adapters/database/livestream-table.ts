import { and, desc, eq, inArray, lt, sql } from "drizzle-orm";
import { AppError } from "../../protocol/errors.ts";
import { ChannelID, StreamID, UserID } from "../../protocol/ids.ts";
import type { LatencyMode, LivestreamState } from "../../protocol/live.ts";
import { type Database, isUniqueViolation } from "./database.ts";
import { livestreams } from "./schema.ts";

export interface LivestreamRow {
	streamID: StreamID;
	channelID: ChannelID;
	userID: UserID;
	title: string;
	s3URLs: string;
	state: LivestreamState;
	latencyMode: LatencyMode;
	renditions: string[];
	currentWatcherCount: number;
	peakWatchers: number;
	createdAt: number;
	startedAt: number | null;
	endedAt: number | null;
}

/** Streams, past and current: the catalogue. What happens in a stream is with its LiveStream object. */
export class LivestreamTable {
	readonly #database: Database;

	constructor(database: Database) {
		this.#database = database;
	}

	/** Throws AppError `already-live` if the channel has a current stream: the unique index decides. */
	async insert(stream: LivestreamRow): Promise<void> {
		try {
			await this.#database.insert(livestreams).values(stream);
		} catch (cause) {
			if (!isUniqueViolation(cause)) throw cause;
			throw new AppError("already-live", "This channel already has a stream that is live or about to be.", {
				cause,
			});
		}
	}

	async findCurrent(channelID: ChannelID): Promise<LivestreamRow | null> {
		const [row] = await this.#database
			.select()
			.from(livestreams)
			.where(
				and(eq(livestreams.channelID, channelID), inArray(livestreams.state, ["created", "live", "paused"])),
			);
		return row ? toLivestream(row) : null;
	}

	/** Throws AppError `not-found`. */
	async get(streamID: StreamID): Promise<LivestreamRow> {
		const [row] = await this.#database.select().from(livestreams).where(eq(livestreams.streamID, streamID));
		if (!row) throw new AppError("not-found", "There is no such stream.");
		return toLivestream(row);
	}

	/** Newest first. */
	async list(query: {
		channelID?: ChannelID | undefined;
		state?: LivestreamState | undefined;
		before?: string | undefined;
		limit: number;
	}): Promise<LivestreamRow[]> {
		const rows = await this.#database
			.select()
			.from(livestreams)
			.where(
				and(
					query.channelID ? eq(livestreams.channelID, query.channelID) : undefined,
					query.state ? eq(livestreams.state, query.state) : undefined,
					query.before ? lt(livestreams.streamID, query.before) : undefined,
				),
			)
			.orderBy(desc(livestreams.streamID))
			.limit(query.limit);
		return rows.map(toLivestream);
	}

	async update(
		streamID: StreamID,
		change: Partial<Omit<LivestreamRow, "streamID" | "channelID">>,
	): Promise<void> {
		if (Object.keys(change).length === 0) return;
		await this.#database.update(livestreams).set(change).where(eq(livestreams.streamID, streamID));
	}

	async countWatchers(streamID: StreamID, count: number): Promise<void> {
		await this.#database
			.update(livestreams)
			.set({ currentWatcherCount: count, peakWatchers: sql`max(${livestreams.peakWatchers}, ${count})` })
			.where(eq(livestreams.streamID, streamID));
	}
}

function toLivestream(row: typeof livestreams.$inferSelect): LivestreamRow {
	return {
		...row,
		streamID: StreamID.parse(row.streamID),
		channelID: ChannelID.parse(row.channelID),
		userID: UserID.parse(row.userID),
	};
}
