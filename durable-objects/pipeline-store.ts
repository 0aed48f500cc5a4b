import type { Step } from "../domain/vod/step.ts";
import type { StoredOutput } from "../domain/vod/vod-index.ts";
import { VodOutput } from "../protocol/vod-job.ts";
import { Facts } from "./facts.ts";

/** What a Pipeline object keeps on disk: its steps, and what they have stored. */
export class PipelineStore {
	readonly facts: Facts;
	readonly #sql: SqlStorage;

	constructor(sql: SqlStorage) {
		this.#sql = sql;
		this.facts = new Facts(sql);
		this.open();
	}

	/** Makes the tables, also after all was deleted. */
	open(): void {
		this.facts.open();
		this.#sql.exec(
			"CREATE TABLE IF NOT EXISTS steps (position INTEGER PRIMARY KEY, stepID TEXT UNIQUE NOT NULL, json TEXT NOT NULL)",
		);
		this.#sql.exec(
			"CREATE TABLE IF NOT EXISTS outputs (name TEXT NOT NULL, chunk INTEGER NOT NULL, isFinal INTEGER NOT NULL, json TEXT NOT NULL, PRIMARY KEY (name, chunk))",
		);
	}

	/** In the order of the plan. */
	steps(): Step[] {
		return this.#sql
			.exec<{ json: string }>("SELECT json FROM steps ORDER BY position")
			.toArray()
			.map((row): Step => JSON.parse(row.json));
	}

	/** New steps take their place behind those there are. */
	putSteps(steps: readonly Step[]): void {
		for (const step of steps) {
			this.#sql.exec(
				"INSERT INTO steps (stepID, json) VALUES (?, ?) ON CONFLICT (stepID) DO UPDATE SET json = excluded.json",
				step.stepID,
				JSON.stringify(step),
			);
		}
	}

	outputs(): StoredOutput[] {
		return this.#sql
			.exec<{ isFinal: number; json: string }>("SELECT isFinal, json FROM outputs ORDER BY name, chunk")
			.toArray()
			.map((row) => ({ isFinal: row.isFinal === 1, output: VodOutput.parse(JSON.parse(row.json)) }));
	}

	/** What is final stays as it is, and a step that begins anew hides nothing of what it stored before under the same keys: playlists only grow. */
	putOutputs(outputs: readonly VodOutput[], isFinal: boolean): void {
		for (const output of outputs) {
			this.#sql.exec(
				"INSERT INTO outputs (name, chunk, isFinal, json) VALUES (?, ?, ?, ?) ON CONFLICT (name, chunk) DO UPDATE SET isFinal = excluded.isFinal, json = excluded.json WHERE outputs.isFinal = 0 AND (excluded.isFinal = 1 OR json_array_length(excluded.json, '$.segments') >= json_array_length(outputs.json, '$.segments'))",
				output.name,
				output.chunk,
				isFinal ? 1 : 0,
				JSON.stringify(output),
			);
		}
	}
}
