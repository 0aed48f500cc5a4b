import { CallID, type UserID } from "../protocol/ids.ts";
import { RingingCall } from "../protocol/notification.ts";
import { Facts } from "./facts.ts";
import { UsedTickets } from "./used-tickets.ts";

/** A call that no longer rings is remembered this long, so that a repeated answer finds its room. */
const REMEMBER_MS = 10 * 60_000;

/** One user's hub on disk: calls that ring or rang lately, calls the user is in, and what contacts were told. */
export class UserStore {
	readonly tickets: UsedTickets;
	readonly #sql: SqlStorage;
	readonly #facts: Facts;

	constructor(sql: SqlStorage) {
		this.#sql = sql;
		this.#facts = new Facts(sql);
		this.tickets = new UsedTickets(sql);
		sql.exec(`
			CREATE TABLE IF NOT EXISTS ringing (
				callID TEXT PRIMARY KEY, json TEXT NOT NULL, expiresAt INTEGER NOT NULL, isRinging INTEGER NOT NULL
			);
			CREATE TABLE IF NOT EXISTS busy (callID TEXT PRIMARY KEY);
		`);
	}

	/** Whose hub it is; null before anything has happened to it. */
	get userID(): UserID | null {
		return this.#facts.get<UserID>("userID") ?? null;
	}

	set userID(userID: UserID) {
		if (this.userID !== userID) this.#facts.put("userID", userID);
	}

	/** What contacts were told last. */
	get isOnline(): boolean {
		return this.#facts.get<boolean>("isOnline") ?? false;
	}

	set isOnline(isOnline: boolean) {
		this.#facts.put("isOnline", isOnline);
	}

	putRinging(call: RingingCall, now: number): void {
		this.#sql.exec("DELETE FROM ringing WHERE expiresAt < ?", now - REMEMBER_MS);
		this.#sql.exec(
			"INSERT OR REPLACE INTO ringing (callID, json, expiresAt, isRinging) VALUES (?, ?, ?, 1)",
			call.callID,
			JSON.stringify(call),
			Date.parse(call.expiresAt),
		);
	}

	stopRinging(callID: CallID): void {
		this.#sql.exec("UPDATE ringing SET isRinging = 0 WHERE callID = ?", callID);
	}

	isRinging(callID: CallID): boolean {
		return (
			this.#sql.exec("SELECT 1 FROM ringing WHERE callID = ? AND isRinging = 1", callID).toArray().length > 0
		);
	}

	/** Whether the call rings or has rung here lately. */
	knows(callID: CallID): boolean {
		return this.#sql.exec("SELECT 1 FROM ringing WHERE callID = ?", callID).toArray().length > 0;
	}

	ringing(now: number): RingingCall[] {
		return this.#sql
			.exec<{ json: string }>("SELECT json FROM ringing WHERE isRinging = 1 AND expiresAt > ?", now)
			.toArray()
			.map(({ json }) => RingingCall.parse(JSON.parse(json)));
	}

	setBusy(callID: CallID, isBusy: boolean): void {
		const statement = isBusy
			? "INSERT OR IGNORE INTO busy (callID) VALUES (?)"
			: "DELETE FROM busy WHERE callID = ?";
		this.#sql.exec(statement, callID);
	}

	/** Calls that the user is in, as their rooms have said. */
	busyWith(): CallID[] {
		return this.#sql
			.exec<{ callID: string }>("SELECT callID FROM busy")
			.toArray()
			.map(({ callID }) => CallID.parse(callID));
	}
}
