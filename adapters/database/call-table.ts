import { and, desc, eq, lt, sql } from "drizzle-orm";
import type {
	CallAccess,
	CallHistoryItem,
	CallKind,
	CallState,
	Topology,
	TopologyChoice,
} from "../../protocol/call.ts";
import { AppError } from "../../protocol/errors.ts";
import { CallID, type CallReference, JoinCode, UserID } from "../../protocol/ids.ts";
import { type Database, isUniqueViolation } from "./database.ts";
import { callMembers, calls } from "./schema.ts";

/** Times in milliseconds. */
export interface CallRow {
	callID: CallID;
	code: JoinCode;
	kind: CallKind;
	title: string;
	hostID: UserID;
	hostName: string;
	state: CallState;
	access: CallAccess;
	isLocked: boolean;
	topologyChoice: TopologyChoice;
	topology: Topology;
	recordingState: "off" | "recording";
	participantCount: number;
	createdAt: number;
	startedAt: number | null;
	endedAt: number | null;
}

/** How a call went for one person. */
export interface CallMember {
	userID: UserID;
	displayName: string;
	direction: CallHistoryItem["direction"];
	outcome: CallHistoryItem["outcome"];
	/** Who rang this person; null for who began the call or came by its link. */
	invitedByID: UserID | null;
	joinedAt: number | null;
	leftAt: number | null;
}

/** One line of somebody's history. */
export interface CallHistoryRow extends CallRow {
	direction: CallMember["direction"];
	outcome: CallMember["outcome"];
	others: { userID: UserID; displayName: string }[];
}

/** Names on one line of a history. */
const MAX_OTHERS = 10;

/** Calls, past and current, and whom they concerned: the catalogue. */
export class CallTable {
	readonly #database: Database;

	constructor(database: Database) {
		this.#database = database;
	}

	/** A call and who begins it, both or neither. False if the join code is taken: try another one. */
	async insert(call: CallRow, host: NewMember): Promise<boolean> {
		try {
			await this.#database.batch([
				this.#database.insert(calls).values(call),
				this.#database.insert(callMembers).values({ callID: call.callID, ...host }),
			]);
			return true;
		} catch (cause) {
			if (!isUniqueViolation(cause)) throw cause;
			return false;
		}
	}

	async find(reference: CallReference): Promise<CallRow | null> {
		const [row] = await this.#database
			.select()
			.from(calls)
			.where(reference.startsWith("ca_") ? eq(calls.callID, reference) : eq(calls.code, reference));
		return row ? toCall(row) : null;
	}

	/** Throws AppError `not-found`. */
	async get(reference: CallReference): Promise<CallRow> {
		const call = await this.find(reference);
		if (call) return call;
		throw new AppError("not-found", "There is no such call.");
	}

	async update(callID: CallID, change: Partial<Omit<CallRow, "callID" | "code">>): Promise<void> {
		if (Object.keys(change).length === 0) return;
		await this.#database.update(calls).set(change).where(eq(calls.callID, callID));
	}

	/** Adds members, or changes what is given of them; fields not given stay. */
	async putMembers(callID: CallID, members: readonly NewMember[]): Promise<void> {
		const [first, ...others] = members.map((member) =>
			this.#database
				.insert(callMembers)
				.values({ callID, ...member })
				.onConflictDoUpdate({ target: [callMembers.callID, callMembers.userID], set: { ...member } }),
		);
		if (first) await this.#database.batch([first, ...others]);
	}

	/** How the call went for who began it; only while that was open. */
	async settleOutgoing(callID: CallID, userID: UserID, outcome: CallMember["outcome"]): Promise<void> {
		await this.#database
			.update(callMembers)
			.set({ outcome })
			.where(
				and(
					eq(callMembers.callID, callID),
					eq(callMembers.userID, userID),
					eq(callMembers.direction, "outgoing"),
					eq(callMembers.outcome, "ringing"),
				),
			);
	}

	/** Somebody is inside. Who was rung and had not answered, and who came by the link, has `joined`. */
	async memberJoined(
		callID: CallID,
		member: Pick<CallMember, "userID" | "displayName">,
		now: number,
	): Promise<void> {
		await this.#database
			.insert(callMembers)
			.values({ callID, ...member, direction: "incoming", outcome: "joined", joinedAt: now })
			.onConflictDoUpdate({
				target: [callMembers.callID, callMembers.userID],
				set: {
					outcome: sql`CASE WHEN ${callMembers.direction} = 'outgoing' OR ${callMembers.outcome} = 'answered' THEN ${callMembers.outcome} ELSE 'joined' END`,
					joinedAt: sql`coalesce(${callMembers.joinedAt}, ${now})`,
					leftAt: null,
				},
			});
	}

	async memberLeft(callID: CallID, userID: UserID, now: number): Promise<void> {
		await this.#database
			.update(callMembers)
			.set({ leftAt: now })
			.where(and(eq(callMembers.callID, callID), eq(callMembers.userID, userID)));
	}

	async isMember(callID: CallID, userID: UserID): Promise<boolean> {
		const rows = await this.#database
			.select({ userID: callMembers.userID })
			.from(callMembers)
			.where(and(eq(callMembers.callID, callID), eq(callMembers.userID, userID)));
		return rows.length > 0;
	}

	/** Newest first; `before` is the last callID of the page before. */
	async history(query: {
		userID: UserID;
		state?: CallState | undefined;
		before?: string | undefined;
		limit: number;
	}): Promise<CallHistoryRow[]> {
		const rows = await this.#database
			.select({ call: calls, direction: callMembers.direction, outcome: callMembers.outcome })
			.from(callMembers)
			.innerJoin(calls, eq(calls.callID, callMembers.callID))
			.where(
				and(
					eq(callMembers.userID, query.userID),
					query.state ? eq(calls.state, query.state) : undefined,
					query.before ? lt(callMembers.callID, query.before) : undefined,
				),
			)
			.orderBy(desc(callMembers.callID))
			.limit(query.limit);
		const others = await this.#others(
			query.userID,
			rows.map((row) => row.call.callID),
		);
		return rows.map(({ call, direction, outcome }) => ({
			...toCall(call),
			direction,
			outcome: outcome === "ringing" ? unsettledOutcome(direction, call.state) : outcome,
			others: others.get(call.callID) ?? [],
		}));
	}

	/** Whom a list shows as the other side: who rang, or the first of those who were rung or came. */
	async #others(userID: UserID, callIDs: string[]): Promise<Map<string, CallHistoryRow["others"]>> {
		const rows = await this.#database.all<{ callID: string; userID: string; displayName: string }>(sql`
			SELECT "callID", "userID", "displayName" FROM (
				SELECT them.*, row_number() OVER (
					PARTITION BY them."callID"
					ORDER BY them."userID" = coalesce(own."invitedByID", '') DESC, them."joinedAt" IS NULL, them."joinedAt"
				) AS place, own."invitedByID" AS inviter
				FROM json_each(${JSON.stringify(callIDs)}) AS page
				JOIN "callMembers" AS own ON own."callID" = page.value AND own."userID" = ${userID}
				JOIN "callMembers" AS them ON them."callID" = page.value AND them."userID" <> ${userID}
			)
			WHERE place <= CASE WHEN inviter IS NULL THEN ${MAX_OTHERS} ELSE 1 END
			ORDER BY place`);
		const others = new Map<string, CallHistoryRow["others"]>();
		for (const { callID, userID: otherID, displayName } of rows) {
			const named = { userID: UserID.parse(otherID), displayName };
			others.set(callID, [...(others.get(callID) ?? []), named]);
		}
		return others;
	}
}

/** A row that still says `ringing`, as somebody came by the link or the last write was lost: then the call's state tells. */
function unsettledOutcome(direction: CallMember["direction"], state: CallState): CallMember["outcome"] {
	if (state === "ringing") return "ringing";
	if (direction === "incoming") return state === "open" ? "ringing" : "missed";
	return state === "open" || state === "ended" ? "answered" : state;
}

type NewMember = Pick<CallMember, "userID" | "displayName" | "direction" | "outcome"> & Partial<CallMember>;

function toCall(row: typeof calls.$inferSelect): CallRow {
	return {
		...row,
		callID: CallID.parse(row.callID),
		code: JoinCode.parse(row.code),
		hostID: UserID.parse(row.hostID),
	};
}
