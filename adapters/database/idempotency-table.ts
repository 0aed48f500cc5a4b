import { and, eq, isNull, lt } from "drizzle-orm";
import type { Database } from "./database.ts";
import { idempotency } from "./schema.ts";

/** How long an answer may be asked for again, CONTRACT §1. */
const KEEP_MS = 24 * 3_600_000;
/** A request that has not ended after this time has died with its isolate. */
const MAX_RUN_MS = 60_000;

/** What is known of a request that was seen before. `status` and `reply` are null while it runs. */
export interface SeenRequest {
	bodyHash: string;
	status: number | null;
	reply: string | null;
}

/** Requests with an Idempotency-Key and their answers. */
export class IdempotencyTable {
	readonly #database: Database;

	constructor(database: Database) {
		this.#database = database;
	}

	/** Null: this request is the first one and may run. Exactly one of several at once gets null. */
	async claim(requestHash: string, bodyHash: string, now: number): Promise<SeenRequest | null> {
		const own = eq(idempotency.requestHash, requestHash);
		const [, , mine] = await this.#database.batch([
			this.#database.delete(idempotency).where(lt(idempotency.createdAt, now - KEEP_MS)),
			this.#database
				.delete(idempotency)
				.where(and(own, isNull(idempotency.status), lt(idempotency.createdAt, now - MAX_RUN_MS))),
			this.#database
				.insert(idempotency)
				.values({ requestHash, bodyHash, createdAt: now })
				.onConflictDoNothing()
				.returning(),
		]);
		if (mine.length > 0) return null;
		const [seen] = await this.#database.select().from(idempotency).where(own);
		// Gone in between: the other one has failed, this one is the next.
		return seen ?? this.claim(requestHash, bodyHash, now);
	}

	async finish(requestHash: string, status: number, reply: string): Promise<void> {
		await this.#database
			.update(idempotency)
			.set({ status, reply })
			.where(eq(idempotency.requestHash, requestHash));
	}

	/** The request failed: the next one with its key runs. */
	async release(requestHash: string): Promise<void> {
		await this.#database.delete(idempotency).where(eq(idempotency.requestHash, requestHash));
	}
}
