/** Small values under names in an object's SQLite. */
export class Facts {
	readonly #sql: SqlStorage;

	constructor(sql: SqlStorage) {
		this.#sql = sql;
		this.open();
	}

	/** Makes the table, also after all was deleted. */
	open(): void {
		this.#sql.exec("CREATE TABLE IF NOT EXISTS facts (name TEXT PRIMARY KEY, json TEXT NOT NULL)");
	}

	/** Undefined if it was never put. The caller knows its shape: it wrote it. */
	get<T>(name: string): T | undefined {
		const row = this.#sql.exec<{ json: string }>("SELECT json FROM facts WHERE name = ?", name).toArray()[0];
		return row ? JSON.parse(row.json) : undefined;
	}

	put(name: string, value: unknown): void {
		this.#sql.exec("INSERT OR REPLACE INTO facts (name, json) VALUES (?, ?)", name, JSON.stringify(value));
	}
}
