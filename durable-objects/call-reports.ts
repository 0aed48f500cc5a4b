import type { Call } from "../domain/call/call.ts";
import type { Roster } from "../domain/call/roster.ts";
import type { TopologyEdge } from "../protocol/call.ts";
import type { ParticipantID } from "../protocol/ids.ts";
import type { EdgeReport } from "../protocol/signal.ts";

/** What members measured of their edges; of this life of the object only. */
export class CallReports {
	readonly #reports = new Map<string, EdgeReport>();

	/** Of people inside, about people inside. */
	add(roster: Roster, by: ParticipantID, reports: readonly EdgeReport[]): void {
		if (!roster.inside(by)) return;
		for (const report of reports) {
			if (report.peerID === by || !roster.inside(report.peerID)) continue;
			const [from, to] = report.direction === "send" ? [by, report.peerID] : [report.peerID, by];
			this.#reports.set(`${from}>${to}/${report.direction}`, report);
		}
	}

	/** How many are kept: two for each direction of each pair at most. */
	get size(): number {
		return this.#reports.size;
	}

	drop(participantID: ParticipantID): void {
		for (const name of this.#reports.keys()) if (name.includes(participantID)) this.#reports.delete(name);
	}

	/** Every direction of every pair, with what its receiver, or else its sender, reported last. */
	matrix(call: Call): TopologyEdge[] {
		const members = call.roster.joined();
		return members.flatMap(({ participantID: from }) =>
			members
				.filter(({ participantID }) => participantID !== from)
				.map(({ participantID: to, joinedAt }): TopologyEdge => {
					const edge = call.edges.get(from, to);
					const report =
						this.#reports.get(`${from}>${to}/recv`) ?? this.#reports.get(`${from}>${to}/send`) ?? null;
					return {
						from,
						to,
						via: edge.via,
						route: report?.route ?? "unknown",
						rid: report?.rid ?? null,
						kbps: report?.kbps ?? null,
						rttMs: report?.rttMs ?? null,
						since: new Date(edge.since || joinedAt).toISOString(),
						reason: edge.reason,
					};
				}),
		);
	}
}
