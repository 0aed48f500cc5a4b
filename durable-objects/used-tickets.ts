/** Tickets that have opened a socket of this object: each is good once. */
export class UsedTickets {
	readonly #sql: SqlStorage;

	constructor(sql: SqlStorage) {
		this.#sql = sql;
		sql.exec("CREATE TABLE IF NOT EXISTS tickets (ticketID TEXT PRIMARY KEY, expiresAt INTEGER NOT NULL)");
	}

	/** False if it was used before. Times are in milliseconds. */
	use(ticketID: string, expiresAt: number, now: number): boolean {
		this.#sql.exec("DELETE FROM tickets WHERE expiresAt < ?", now);
		const seen = this.#sql.exec("SELECT 1 FROM tickets WHERE ticketID = ?", ticketID).toArray();
		if (seen.length > 0) return false;
		this.#sql.exec("INSERT INTO tickets (ticketID, expiresAt) VALUES (?, ?)", ticketID, expiresAt);
		return true;
	}
}
