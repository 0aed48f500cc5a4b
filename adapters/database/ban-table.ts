import { and, eq } from "drizzle-orm";
import { type ChannelID, UserID } from "../../protocol/ids.ts";
import type { Database } from "./database.ts";
import { channelUsers } from "./schema.ts";

export interface BanRow {
	userID: UserID;
	reason: string | null;
	createdAt: number;
	expiresAt: number | null;
	byUserID: UserID;
}

/** Bans as the seeds keep them: fields of the channel's user row. The hub enforces; this is what lists show. */
export class BanTable {
	readonly #database: Database;

	constructor(database: Database) {
		this.#database = database;
	}

	async put(channelID: ChannelID, ban: BanRow): Promise<void> {
		const fields = {
			isBanned: true,
			banReason: ban.reason,
			bannedAt: ban.createdAt,
			bannedUntil: ban.expiresAt,
			bannedBy: ban.byUserID,
		};
		await this.#database
			.insert(channelUsers)
			.values({ channelID, userID: ban.userID, ...fields })
			.onConflictDoUpdate({ target: [channelUsers.channelID, channelUsers.userID], set: fields });
	}

	/** The row goes when nothing else is in it (004:163). */
	async lift(channelID: ChannelID, userID: UserID): Promise<void> {
		const row = and(eq(channelUsers.channelID, channelID), eq(channelUsers.userID, userID));
		await this.#database.batch([
			this.#database
				.update(channelUsers)
				.set({ isBanned: false, banReason: null, bannedAt: null, bannedUntil: null, bannedBy: null })
				.where(row),
			this.#database
				.delete(channelUsers)
				.where(and(row, eq(channelUsers.isFollowing, false), eq(channelUsers.isBanned, false))),
		]);
	}

	async list(channelID: ChannelID): Promise<BanRow[]> {
		const rows = await this.#database
			.select()
			.from(channelUsers)
			.where(and(eq(channelUsers.channelID, channelID), eq(channelUsers.isBanned, true)));
		return rows.map((row) => ({
			userID: UserID.parse(row.userID),
			reason: row.banReason,
			createdAt: row.bannedAt ?? 0,
			expiresAt: row.bannedUntil,
			byUserID: UserID.parse(row.bannedBy),
		}));
	}
}
