import type { Edge } from "../domain/call/edges.ts";
import type { CallFacts, Member } from "../domain/call/member.ts";
import { ParticipantID } from "../protocol/ids.ts";
import { type CallChatMessage, SIGNAL_LIMITS } from "../protocol/signal.ts";
import { Facts } from "./facts.ts";
import { UsedTickets } from "./used-tickets.ts";

/** A track in a participant's session at the SFU. `remote`: pulled from another session, at the layer last asked for. */
export interface SfuTrack {
	sessionID: string;
	mid: string;
	trackName: string;
	remote: { sessionID: string; rid: string | null } | null;
}

/** One call on disk: what must outlive a nap or a crash of its object. */
export class CallStore {
	readonly facts: Facts;
	readonly tickets: UsedTickets;
	readonly #sql: SqlStorage;

	constructor(sql: SqlStorage) {
		this.#sql = sql;
		this.facts = new Facts(sql);
		this.tickets = new UsedTickets(sql);
		sql.exec(`
			CREATE TABLE IF NOT EXISTS members (participantID TEXT PRIMARY KEY, json TEXT NOT NULL);
			CREATE TABLE IF NOT EXISTS edges (fromID TEXT, toID TEXT, json TEXT NOT NULL, PRIMARY KEY (fromID, toID));
			CREATE TABLE IF NOT EXISTS chat (
				place INTEGER PRIMARY KEY, participantID TEXT NOT NULL, clientMsgID TEXT NOT NULL, json TEXT NOT NULL,
				UNIQUE (participantID, clientMsgID)
			);
			CREATE TABLE IF NOT EXISTS sfuSessions (sessionID TEXT PRIMARY KEY, participantID TEXT NOT NULL);
			CREATE TABLE IF NOT EXISTS sfuTracks (sessionID TEXT, mid TEXT, json TEXT NOT NULL, PRIMARY KEY (sessionID, mid));
		`);
	}

	load(): { facts: CallFacts; members: Member[]; edges: Edge[]; seq: number } | null {
		const facts = this.facts.get<CallFacts>("call");
		if (!facts) return null;
		return {
			facts,
			members: this.#all<Member>("SELECT json FROM members"),
			edges: this.#all<Edge>("SELECT json FROM edges"),
			seq: this.facts.get<number>("seq") ?? 0,
		};
	}

	putMember(member: Member): void {
		this.#sql.exec(
			"INSERT OR REPLACE INTO members (participantID, json) VALUES (?, ?)",
			member.participantID,
			JSON.stringify(member),
		);
	}

	/** The member with its edges; its sessions stay until they are closed at the SFU. */
	dropMember(participantID: ParticipantID): void {
		this.#sql.exec("DELETE FROM members WHERE participantID = ?", participantID);
		this.#sql.exec("DELETE FROM edges WHERE fromID = ?1 OR toID = ?1", participantID);
	}

	putEdge(edge: Edge): void {
		this.#sql.exec(
			"INSERT OR REPLACE INTO edges (fromID, toID, json) VALUES (?, ?, ?)",
			edge.from,
			edge.to,
			JSON.stringify(edge),
		);
	}

	/** Keeps what late joiners see. False if this participant has said it lately under the same clientMsgID. */
	appendChat(message: CallChatMessage): boolean {
		const { rowsWritten } = this.#sql.exec(
			"INSERT OR IGNORE INTO chat (participantID, clientMsgID, json) VALUES (?, ?, ?)",
			message.participantID,
			message.clientMsgID,
			JSON.stringify(message),
		);
		this.#sql.exec(
			"DELETE FROM chat WHERE place <= (SELECT max(place) FROM chat) - ?",
			SIGNAL_LIMITS.chatHistory,
		);
		return rowsWritten > 0;
	}

	/** The call is over: nobody reads it any more. */
	dropChat(): void {
		this.#sql.exec("DELETE FROM chat");
	}

	/** What late joiners see, oldest first. */
	chat(): CallChatMessage[] {
		return this.#all<CallChatMessage>(
			"SELECT json FROM chat ORDER BY place DESC LIMIT ?",
			SIGNAL_LIMITS.chatHistory,
		).reverse();
	}

	addSession(sessionID: string, participantID: ParticipantID): void {
		this.#sql.exec(
			"INSERT INTO sfuSessions (sessionID, participantID) VALUES (?, ?)",
			sessionID,
			participantID,
		);
	}

	/** Whose session it is; null if it is nobody's here. */
	ownerOf(sessionID: string): ParticipantID | null {
		const row = this.#sql
			.exec<{ participantID: string }>("SELECT participantID FROM sfuSessions WHERE sessionID = ?", sessionID)
			.toArray()[0];
		return row ? ParticipantID.parse(row.participantID) : null;
	}

	sessions(participantID: ParticipantID): string[] {
		return this.#sql
			.exec<{ sessionID: string }>(
				"SELECT sessionID FROM sfuSessions WHERE participantID = ? ORDER BY rowid",
				participantID,
			)
			.toArray()
			.map(({ sessionID }) => sessionID);
	}

	dropSession(sessionID: string): void {
		this.#sql.exec("DELETE FROM sfuTracks WHERE sessionID = ?", sessionID);
		this.#sql.exec("DELETE FROM sfuSessions WHERE sessionID = ?", sessionID);
	}

	putTrack(track: SfuTrack): void {
		this.#sql.exec(
			"INSERT OR REPLACE INTO sfuTracks (sessionID, mid, json) VALUES (?, ?, ?)",
			track.sessionID,
			track.mid,
			JSON.stringify(track),
		);
	}

	dropTracks(sessionID: string, mids: readonly string[]): void {
		for (const mid of mids)
			this.#sql.exec("DELETE FROM sfuTracks WHERE sessionID = ? AND mid = ?", sessionID, mid);
	}

	tracks(sessionID: string): SfuTrack[] {
		return this.#all<SfuTrack>("SELECT json FROM sfuTracks WHERE sessionID = ?", sessionID);
	}

	/** The shapes are those that this class has written. */
	#all<T>(query: string, ...bindings: (string | number)[]): T[] {
		return this.#sql
			.exec<{ json: string }>(query, ...bindings)
			.toArray()
			.map(({ json }) => JSON.parse(json));
	}
}
