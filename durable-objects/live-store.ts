import type { Epoch, LiveIndex, LivePart, LiveSegment } from "../domain/streaming/live-index.ts";
import type { LiveEpoch } from "../protocol/media-job.ts";
import { Facts } from "./facts.ts";

/** One rendition's segment, as it is found in the store. */
export interface StoredSegment {
	rendition: string;
	number: number;
}

/**
 * A live stream on disk: facts, epochs, segments, and the parts of the newest segments with their bytes.
 * A part that was acknowledged is here; a segment's bytes move to R2 when it is closed, then its parts go.
 */
export class LiveStore {
	readonly facts: Facts;
	readonly #sql: SqlStorage;

	constructor(sql: SqlStorage) {
		this.#sql = sql;
		this.facts = new Facts(sql);
		sql.exec(`
			CREATE TABLE IF NOT EXISTS epochs (epoch INTEGER PRIMARY KEY, json TEXT NOT NULL);
			CREATE TABLE IF NOT EXISTS inits (
				epoch INTEGER, rendition TEXT, bytes BLOB NOT NULL, PRIMARY KEY (epoch, rendition)
			);
			CREATE TABLE IF NOT EXISTS segments (
				epoch INTEGER NOT NULL, rendition TEXT, number INTEGER, time INTEGER NOT NULL, duration INTEGER NOT NULL,
				sizeBytes INTEGER NOT NULL, isGap INTEGER NOT NULL, isStored INTEGER NOT NULL,
				PRIMARY KEY (rendition, number)
			);
			CREATE INDEX IF NOT EXISTS segments_unstored ON segments (isStored) WHERE isStored = 0;
			CREATE TABLE IF NOT EXISTS parts (
				epoch INTEGER NOT NULL, rendition TEXT, number INTEGER, part INTEGER, time INTEGER NOT NULL,
				duration INTEGER NOT NULL, isIndependent INTEGER NOT NULL, bytes BLOB NOT NULL,
				PRIMARY KEY (rendition, number, part)
			);
		`);
	}

	putEpoch(epoch: Epoch, announced: LiveEpoch): void {
		this.#sql.exec(
			"INSERT OR REPLACE INTO epochs (epoch, json) VALUES (?, ?)",
			epoch.epoch,
			JSON.stringify(epoch),
		);
		for (const rendition of announced.renditions) {
			const bytes = Uint8Array.from(atob(rendition.init), (sign) => sign.charCodeAt(0));
			this.#sql.exec(
				"INSERT OR REPLACE INTO inits (epoch, rendition, bytes) VALUES (?, ?, ?)",
				epoch.epoch,
				rendition.name,
				bytes,
			);
		}
	}

	putPart(at: StoredSegment & { epoch: number; part: number }, part: LivePart, bytes: ArrayBuffer): void {
		this.#sql.exec(
			"INSERT INTO parts (epoch, rendition, number, part, time, duration, isIndependent, bytes) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
			at.epoch,
			at.rendition,
			at.number,
			at.part,
			part.time,
			part.duration,
			part.isIndependent ? 1 : 0,
			bytes,
		);
	}

	/** Writes a closed segment down; its bytes are still to be put into R2, a gap's never. */
	closeSegment(epoch: number, rendition: string, segment: LiveSegment): void {
		this.#sql.exec(
			"INSERT OR REPLACE INTO segments (epoch, rendition, number, time, duration, sizeBytes, isGap, isStored) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
			epoch,
			rendition,
			segment.number,
			segment.parts[0]?.time ?? 0,
			segment.parts.reduce((sum, part) => sum + part.duration, 0),
			segment.parts.reduce((sum, part) => sum + part.sizeBytes, 0),
			segment.isGap ? 1 : 0,
			segment.isGap ? 1 : 0,
		);
	}

	partBytes(at: StoredSegment & { part: number }): ArrayBuffer | null {
		const row = this.#sql
			.exec<{ bytes: ArrayBuffer }>(
				"SELECT bytes FROM parts WHERE rendition = ? AND number = ? AND part = ?",
				at.rendition,
				at.number,
				at.part,
			)
			.toArray()[0];
		return row?.bytes ?? null;
	}

	/** A segment as the concatenation of its parts; null if they have moved to R2. */
	segmentBytes(at: StoredSegment): Uint8Array | null {
		const rows = this.#sql
			.exec<{ bytes: ArrayBuffer }>(
				"SELECT bytes FROM parts WHERE rendition = ? AND number = ? ORDER BY part",
				at.rendition,
				at.number,
			)
			.toArray();
		if (rows.length === 0) return null;
		const whole = new Uint8Array(rows.reduce((sum, row) => sum + row.bytes.byteLength, 0));
		let offset = 0;
		for (const row of rows) {
			whole.set(new Uint8Array(row.bytes), offset);
			offset += row.bytes.byteLength;
		}
		return whole;
	}

	initBytes(epoch: number, rendition: string): ArrayBuffer | null {
		const row = this.#sql
			.exec<{ bytes: ArrayBuffer }>(
				"SELECT bytes FROM inits WHERE epoch = ? AND rendition = ?",
				epoch,
				rendition,
			)
			.toArray()[0];
		return row?.bytes ?? null;
	}

	unstoredSegments(limit: number): StoredSegment[] {
		return this.#sql
			.exec<{ rendition: string; number: number }>(
				"SELECT rendition, number FROM segments WHERE isStored = 0 ORDER BY number LIMIT ?",
				limit,
			)
			.toArray();
	}

	/** The segment is in R2. Parts of segments that no playlist lists in parts any more are dropped. */
	markStored(at: StoredSegment, keepPartsFrom: number): void {
		this.#sql.exec(
			"UPDATE segments SET isStored = 1 WHERE rendition = ? AND number = ?",
			at.rendition,
			at.number,
		);
		this.#sql.exec(
			`DELETE FROM parts WHERE rendition = ?1 AND number < ?2
				AND number IN (SELECT number FROM segments WHERE rendition = ?1 AND isStored = 1)`,
			at.rendition,
			keepPartsFrom,
		);
	}

	/** Reads everything back into an empty index. */
	restore(index: LiveIndex): void {
		for (const row of this.#sql.exec<{ json: string }>("SELECT json FROM epochs ORDER BY epoch")) {
			index.restoreEpoch(JSON.parse(row.json));
		}
		const parts = this.#readParts();
		const closed = this.#sql.exec<SegmentRow>(
			"SELECT epoch, rendition, number, time, duration, sizeBytes, isGap FROM segments ORDER BY number",
		);
		for (const row of closed) {
			const own = parts.get(`${row.rendition}/${row.number}`);
			parts.delete(`${row.rendition}/${row.number}`);
			const whole = { time: row.time, duration: row.duration, isIndependent: true, sizeBytes: row.sizeBytes };
			index.restoreSegment(row.epoch, row.rendition, {
				number: row.number,
				parts: own?.parts ?? [whole],
				isClosed: true,
				isGap: row.isGap === 1,
			});
		}
		for (const { epoch, rendition, number, parts: own } of parts.values()) {
			index.restoreSegment(epoch, rendition, { number, parts: own, isClosed: false, isGap: false });
		}
	}

	#readParts() {
		const bySegment = new Map<
			string,
			{ epoch: number; rendition: string; number: number; parts: LivePart[] }
		>();
		const rows = this.#sql.exec<PartRow>(
			"SELECT epoch, rendition, number, time, duration, isIndependent, length(bytes) AS sizeBytes FROM parts ORDER BY number, part",
		);
		for (const row of rows) {
			const key = `${row.rendition}/${row.number}`;
			const entry = bySegment.get(key) ?? {
				epoch: row.epoch,
				rendition: row.rendition,
				number: row.number,
				parts: [],
			};
			entry.parts.push({
				time: row.time,
				duration: row.duration,
				isIndependent: row.isIndependent === 1,
				sizeBytes: row.sizeBytes,
			});
			bySegment.set(key, entry);
		}
		return bySegment;
	}
}

type SegmentRow = {
	epoch: number;
	rendition: string;
	number: number;
	time: number;
	duration: number;
	sizeBytes: number;
	isGap: number;
};

type PartRow = {
	epoch: number;
	rendition: string;
	number: number;
	time: number;
	duration: number;
	isIndependent: number;
	sizeBytes: number;
};
