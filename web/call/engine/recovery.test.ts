import { expect, test } from "vitest";
import { ParticipantID } from "../../../protocol/ids.ts";
import type { SignalClientMessage } from "../../../protocol/signal.ts";
import { EdgeTable } from "./edge-table.ts";
import { type PeerReading, Recovery } from "./recovery.ts";

const peerID = ParticipantID.parse("pt_01JAAAAAAAAAAAAAAAAAAAAAAA");
const always = () => true;

/** Two ends of one pair's table are not needed here: the room answers as it would. */
class Pair {
	readonly edges: EdgeTable;
	readonly recovery: Recovery;
	now = 0;

	constructor(policy: "p2p" | "sfu" = "p2p") {
		this.edges = new EdgeTable(policy);
		this.edges.add(peerID, -10_000);
		this.recovery = new Recovery(this.edges);
	}

	/** Looks every 250 ms until something is proposed. */
	run(untilMs: number, reading: Partial<PeerReading>): SignalClientMessage[] {
		for (; this.now <= untilMs; this.now += 250) {
			const said = this.recovery.observe(peerID, {
				at: this.now,
				state: "connected",
				packets: this.now,
				packetsLost: 0,
				isMediaExpected: true,
				isLinkGood: true,
				hasLink: true,
				isOnline: true,
				hasSfu: true,
				...reading,
			});
			if (said.length > 0) return said;
		}
		return [];
	}

	agree(said: readonly SignalClientMessage[]): void {
		for (const message of said) {
			if (message.t !== "edge.propose") continue;
			this.edges.receive({ ...message, t: "edge.accept" }, this.now, always);
			this.edges.ready(peerID, message.direction);
			const { direction, gen } = message;
			this.edges.receive({ t: "edge.ready", peerID, direction, gen }, this.now, always);
		}
	}
}

test("a link that is gone is left both ways", () => {
	const pair = new Pair();
	pair.run(1000, {});

	const said = pair.run(10_000, { state: "disconnected" });

	expect(said).toMatchObject([
		{ t: "edge.propose", direction: "send", via: "sfu", reason: "ice-failed" },
		{ t: "edge.propose", direction: "recv", via: "sfu", reason: "ice-failed" },
	]);
});

test("only the direction that fails is left, and it comes back when the link has been good for 10 s", () => {
	const pair = new Pair();
	const said = pair.run(10_000, { packets: 7 });
	expect(said).toMatchObject([{ direction: "recv", via: "sfu", reason: "no-media" }]);
	pair.agree(said);
	const leftAt = pair.now;

	const back = pair.run(60_000, {});

	expect(pair.edges.goal(peerID, "send")).toBe("p2p");
	expect(back).toMatchObject([{ direction: "recv", via: "p2p", reason: "recovered" }]);
	expect(pair.now - leftAt).toBeGreaterThanOrEqual(10_000);
});

test("nothing is proposed to somebody who is away", () => {
	const pair = new Pair();

	expect(pair.run(20_000, { state: "failed", isOnline: false })).toEqual([]);
});

test("where there is no other way nothing is left", () => {
	const pair = new Pair();

	expect(pair.run(20_000, { state: "failed", hasSfu: false })).toEqual([]);
});

test("while the room wants the SFU nobody goes back, and a pair that was left behind follows", () => {
	const pair = new Pair();
	pair.edges.setPolicy("sfu", 0, always);

	const said = pair.run(20_000, {});

	expect(said).toMatchObject([{ direction: "recv", via: "sfu", reason: "group-size" }]);
	pair.agree(said);
	expect(pair.run(60_000, { packets: 0, isMediaExpected: false })).toEqual([]);
});
