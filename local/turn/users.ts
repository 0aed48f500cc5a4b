import { createHash, randomBytes } from "node:crypto";
import { DatabaseSync } from "node:sqlite";

/** The realm of all credentials; browsers do not show it. */
export const TURN_REALM = "rostrum";

export type TurnCredential = { username: string; credential: string };

/**
 * TURN credentials in coturn's own SQLite database: coturn asks it at each new allocation, so that removing a row takes effect at once.
 * A second table, ours, remembers when they run out.
 */
export class TurnUsers {
	readonly #database: DatabaseSync;

	constructor(file: string) {
		this.#database = new DatabaseSync(file);
		this.#database.exec(`
			PRAGMA busy_timeout = 2000;
			CREATE TABLE IF NOT EXISTS turnusers_lt (
				realm varchar(127) default '', name varchar(512), hmackey char(128), PRIMARY KEY (realm, name));
			CREATE TABLE IF NOT EXISTS rostrum_expiry (name TEXT PRIMARY KEY, expires_at INTEGER NOT NULL);
		`);
	}

	issue(ttlSeconds: number, now: number): TurnCredential {
		const username = randomBytes(32).toString("hex");
		const credential = randomBytes(32).toString("hex");
		this.#database
			.prepare("INSERT INTO rostrum_expiry (name, expires_at) VALUES (?, ?)")
			.run(username, now + ttlSeconds * 1000);
		this.#database
			.prepare("INSERT INTO turnusers_lt (realm, name, hmackey) VALUES (?, ?, ?)")
			.run(TURN_REALM, username, longTermKey(username, credential));
		return { username, credential };
	}

	/** False if there is no such user. */
	revoke(username: string): boolean {
		this.#database.prepare("DELETE FROM rostrum_expiry WHERE name = ?").run(username);
		const removed = this.#database
			.prepare("DELETE FROM turnusers_lt WHERE realm = ? AND name = ?")
			.run(TURN_REALM, username);
		return removed.changes > 0;
	}

	/** Names whose time is up, so that the caller revokes them. */
	expired(now: number): string[] {
		return this.#database
			.prepare("SELECT name FROM rostrum_expiry WHERE expires_at <= ?")
			.all(now)
			.map((row) => String(row.name));
	}

	close(): void {
		this.#database.close();
	}
}

/** RFC 8489 §9.2.2: MD5 of `username:realm:password`. */
function longTermKey(username: string, password: string): string {
	return createHash("md5").update(`${username}:${TURN_REALM}:${password}`).digest("hex");
}
