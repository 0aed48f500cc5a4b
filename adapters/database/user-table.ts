import { and, eq, gt, isNull, lt, or, sql } from "drizzle-orm";
import { AppError } from "../../protocol/errors.ts";
import { ChannelID, UserID } from "../../protocol/ids.ts";
import { type Database, isUniqueViolation, randomSecret, sha256Hex } from "./database.ts";
import { channels, refreshTokens, users } from "./schema.ts";

export interface UserRow {
	userID: UserID;
	userName: string;
	displayName: string;
	email: string | null;
	passwordHash: string;
	createdAt: number;
}

/** A refresh token lives 30 days and is used once. */
const REFRESH_TOKEN_MS = 30 * 86_400_000;
/** How long an answer may be asked for again. */
const REPEAT_MS = 60_000;

/** Accounts and their refresh tokens. */
export class UserTable {
	readonly #database: Database;

	constructor(database: Database) {
		this.#database = database;
	}

	/** Throws AppError `user-name-taken` if the name or the e-mail address has an account. */
	async insert(user: UserRow): Promise<void> {
		try {
			await this.#database.insert(users).values(user);
		} catch (cause) {
			if (!isUniqueViolation(cause)) throw cause;
			throw new AppError("user-name-taken", "This user name or e-mail address already has an account.", {
				cause,
			});
		}
	}

	async findByLogin(login: {
		userName?: string | undefined;
		email?: string | undefined;
	}): Promise<UserRow | null> {
		const condition = or(
			login.userName === undefined ? undefined : eq(users.userName, login.userName),
			login.email === undefined ? undefined : eq(users.email, login.email),
		);
		if (!condition) return null;
		return toUser((await this.#database.select().from(users).where(condition).limit(1))[0]);
	}

	async find(userID: UserID): Promise<UserRow | null> {
		return toUser((await this.#database.select().from(users).where(eq(users.userID, userID)).limit(1))[0]);
	}

	/** A user with the channels they own, in one round trip. */
	async findWithChannels(userID: UserID) {
		const [found, owned] = await this.#database.batch([
			this.#database.select().from(users).where(eq(users.userID, userID)).limit(1),
			this.#database
				.select({ channelID: channels.channelID, handle: channels.handle, name: channels.name })
				.from(channels)
				.where(eq(channels.ownerID, userID)),
		]);
		const user = toUser(found[0]);
		const ownChannels = owned.map((channel) => ({
			...channel,
			channelID: ChannelID.parse(channel.channelID),
		}));
		return user ? { user, channels: ownChannels } : null;
	}

	/** A new token; `familyID` is that of the token it replaces, or a new one at login. */
	async issueRefreshToken(
		userID: UserID,
		now: number,
		familyID: string = crypto.randomUUID(),
	): Promise<string> {
		const token = randomSecret("rt_");
		await this.#database.insert(refreshTokens).values({
			tokenHash: await sha256Hex(token),
			familyID,
			userID,
			createdAt: now,
			expiresAt: now + REFRESH_TOKEN_MS,
		});
		return token;
	}

	/**
	 * Uses up a refresh token. Exactly one of several simultaneous calls gets through; a client that lost the answer
	 * may repeat the call within a minute under the same `attempt` (hash of its Idempotency-Key).
	 * Throws AppError `unauthenticated`, or `refresh-reused` after ending the whole family.
	 */
	async useRefreshToken(
		token: string,
		now: number,
		attempt: string | null,
	): Promise<{ userID: UserID; familyID: string }> {
		const tokenHash = await sha256Hex(token);
		const isUsable = or(
			isNull(refreshTokens.usedAt),
			attempt === null
				? undefined
				: and(eq(refreshTokens.usedBy, attempt), gt(refreshTokens.usedAt, now - REPEAT_MS)),
		);
		const [used] = await this.#database
			.update(refreshTokens)
			.set({ usedAt: sql`coalesce(${refreshTokens.usedAt}, ${now})`, usedBy: attempt })
			.where(and(eq(refreshTokens.tokenHash, tokenHash), isUsable))
			.returning();
		if (used && used.expiresAt > now) return { userID: UserID.parse(used.userID), familyID: used.familyID };
		if (used) throw new AppError("unauthenticated", "The refresh token has expired; log in again.");
		const [known] = await this.#database
			.select()
			.from(refreshTokens)
			.where(eq(refreshTokens.tokenHash, tokenHash));
		if (!known) throw new AppError("unauthenticated", "The refresh token is not known; log in again.");
		await this.#database.delete(refreshTokens).where(eq(refreshTokens.familyID, known.familyID));
		throw new AppError(
			"refresh-reused",
			"This refresh token was used before, so its session has been ended. Log in again.",
		);
	}

	/** Ends one session, or all of the user's; old rows go with it. */
	async endSessions(userID: UserID, token: string | undefined, now: number): Promise<void> {
		const [row] = token
			? await this.#database
					.select()
					.from(refreshTokens)
					.where(and(eq(refreshTokens.tokenHash, await sha256Hex(token)), eq(refreshTokens.userID, userID)))
			: [];
		if (token && !row) return;
		await this.#database
			.delete(refreshTokens)
			.where(
				or(
					row ? eq(refreshTokens.familyID, row.familyID) : eq(refreshTokens.userID, userID),
					lt(refreshTokens.expiresAt, now),
				),
			);
	}
}

function toUser(row: typeof users.$inferSelect | undefined): UserRow | null {
	return row ? { ...row, userID: UserID.parse(row.userID) } : null;
}
