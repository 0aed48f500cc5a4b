import { openDatabase } from "../adapters/database/database.ts";
import { type LivestreamRow, LivestreamTable } from "../adapters/database/livestream-table.ts";
import { log } from "../adapters/log.ts";
import type { StreamID } from "../protocol/ids.ts";
import type { LiveStore } from "./live-store.ts";

/** Keeps a stream's row in D1 in step with its object. What could not be written is tried again. */
export class LiveCatalogue {
	readonly #table: LivestreamTable;
	readonly #store: LiveStore;

	constructor(env: Env, store: LiveStore) {
		this.#table = new LivestreamTable(openDatabase(env.DB));
		this.#store = store;
	}

	/** Writes the row if it differs from what was last written. False if that failed. */
	async update(
		streamID: StreamID,
		row: Pick<LivestreamRow, "state" | "startedAt" | "endedAt" | "renditions">,
	): Promise<boolean> {
		const written = JSON.stringify(row);
		if (this.#store.facts.get<string>("catalogued") === written) return true;
		try {
			await this.#table.update(streamID, row);
			this.#store.facts.put("catalogued", written);
			return true;
		} catch (error) {
			log.error("stream.not-catalogued", error, { streamID });
			return false;
		}
	}
}
