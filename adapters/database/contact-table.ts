import { aliasedTable, and, asc, eq, gt, ne, sql } from "drizzle-orm";
import type { ContactState } from "../../protocol/contact.ts";
import { AppError } from "../../protocol/errors.ts";
import { UserID } from "../../protocol/ids.ts";
import type { Database } from "./database.ts";
import { contacts, users } from "./schema.ts";

export interface ContactRow {
	userID: UserID;
	userName: string;
	displayName: string;
	state: ContactState;
	since: number;
}

/** Two people, as seen by the first. */
export interface Pair {
	userID: UserID;
	otherID: UserID;
}

/** Who knows whom. Each change is one transaction over both sides' rows, so that two who ask at once are contacts. */
export class ContactTable {
	readonly #database: Database;

	constructor(database: Database) {
		this.#database = database;
	}

	/** Asks, or accepts if the other one has asked. Throws AppError `blocked-by-user`. */
	async accept({ userID, otherID }: Pair, now: number): Promise<ContactState> {
		const target = [contacts.userID, contacts.otherID];
		const own = sql`(SELECT "state" FROM "contacts" WHERE "userID" = ${userID} AND "otherID" = ${otherID})`;
		const theirs = sql`(SELECT "state" FROM "contacts" WHERE "userID" = ${otherID} AND "otherID" = ${userID})`;
		const ownState = sql`CASE ${contacts.state} WHEN 'pending' THEN 'accepted' ELSE 'requested' END`;
		const theirState = sql`CASE ${own} WHEN 'accepted' THEN 'accepted' ELSE 'pending' END`;
		await this.#database.batch([
			this.#database
				.insert(contacts)
				.select(sql`SELECT ${userID}, ${otherID}, 'requested', ${now} WHERE ${theirs} IS NOT 'blocked'`)
				.onConflictDoUpdate({
					target,
					set: { state: ownState, since: now },
					setWhere: sql`${contacts.state} IN ('pending', 'blocked')`,
				}),
			this.#database
				.insert(contacts)
				.select(
					sql`SELECT ${otherID}, ${userID}, ${theirState}, ${now} WHERE ${own} IN ('requested', 'accepted')`,
				)
				.onConflictDoUpdate({
					target,
					set: { state: theirState, since: now },
					setWhere: sql`${contacts.state} NOT IN ('blocked', ${theirState})`,
				}),
		]);
		const state = await this.state({ userID, otherID });
		if (state === "requested" || state === "accepted") return state;
		throw new AppError("blocked-by-user", "This person does not want to be asked.");
	}

	/** Ends the contact, if there was one, and keeps the other one from asking and calling. */
	async block({ userID, otherID }: Pair, now: number): Promise<"blocked"> {
		await this.#database.batch([
			this.#database
				.insert(contacts)
				.values({ userID, otherID, state: "blocked", since: now })
				.onConflictDoUpdate({
					target: [contacts.userID, contacts.otherID],
					set: { state: "blocked", since: now },
					setWhere: ne(contacts.state, "blocked"),
				}),
			this.#dropTheirs({ userID, otherID }),
		]);
		return "blocked";
	}

	/** Ends a contact, takes back a request, or lifts the own block; a block by the other one stays. False if there was nothing. */
	async remove({ userID, otherID }: Pair): Promise<boolean> {
		const [own, theirs] = await this.#database.batch([
			this.#database
				.delete(contacts)
				.where(and(eq(contacts.userID, userID), eq(contacts.otherID, otherID)))
				.returning({ userID: contacts.userID }),
			this.#dropTheirs({ userID, otherID }).returning({ userID: contacts.userID }),
		]);
		return own.length + theirs.length > 0;
	}

	/** How many have not answered this person's request. */
	async countRequests(userID: UserID): Promise<number> {
		return this.#database.$count(contacts, and(eq(contacts.userID, userID), eq(contacts.state, "requested")));
	}

	/** Null if they have nothing to do with each other. */
	async state({ userID, otherID }: Pair): Promise<ContactState | null> {
		const [row] = await this.#database
			.select({ state: contacts.state })
			.from(contacts)
			.where(and(eq(contacts.userID, userID), eq(contacts.otherID, otherID)));
		return row?.state ?? null;
	}

	/** In the order of user IDs; `after` is the last one of the page before. */
	async list(query: {
		userID: UserID;
		state?: ContactState | undefined;
		after?: string | undefined;
		limit: number;
	}): Promise<ContactRow[]> {
		const rows = await this.#database
			.select({
				userID: contacts.otherID,
				userName: users.userName,
				displayName: users.displayName,
				state: contacts.state,
				since: contacts.since,
			})
			.from(contacts)
			.innerJoin(users, eq(users.userID, contacts.otherID))
			.where(
				and(
					eq(contacts.userID, query.userID),
					query.state ? eq(contacts.state, query.state) : undefined,
					query.after ? gt(contacts.otherID, query.after) : undefined,
				),
			)
			.orderBy(asc(contacts.otherID))
			.limit(query.limit);
		return rows.map((row) => ({ ...row, userID: UserID.parse(row.userID) }));
	}

	/** The accepted contacts of somebody. */
	async friends(userID: UserID, limit: number): Promise<UserID[]> {
		const rows = await this.#database
			.select({ otherID: contacts.otherID })
			.from(contacts)
			.where(and(eq(contacts.userID, userID), eq(contacts.state, "accepted")))
			.limit(limit);
		return rows.map((row) => UserID.parse(row.otherID));
	}

	/**
	 * Whom `userID` may ring: name and standing of each of `otherIDs` that has an account. `isBlockedBy`: the other one
	 * has blocked `userID`.
	 */
	async standing(userID: UserID, otherIDs: readonly UserID[]) {
		const theirs = aliasedTable(contacts, "theirs");
		const rows = await this.#database
			.select({
				userID: users.userID,
				displayName: users.displayName,
				state: contacts.state,
				theirState: theirs.state,
			})
			.from(users)
			.leftJoin(contacts, and(eq(contacts.userID, userID), eq(contacts.otherID, users.userID)))
			.leftJoin(theirs, and(eq(theirs.userID, users.userID), eq(theirs.otherID, userID)))
			// One JSON text: D1 takes at most 100 parameters.
			.where(sql`${users.userID} IN (SELECT value FROM json_each(${JSON.stringify(otherIDs)}))`);
		return rows.map((row) => ({
			userID: UserID.parse(row.userID),
			displayName: row.displayName,
			isContact: row.state === "accepted",
			isBlockedBy: row.theirState === "blocked",
		}));
	}

	#dropTheirs({ userID, otherID }: Pair) {
		return this.#database
			.delete(contacts)
			.where(and(eq(contacts.userID, otherID), eq(contacts.otherID, userID), ne(contacts.state, "blocked")));
	}
}
