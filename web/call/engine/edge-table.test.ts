import { expect, test } from "vitest";
import { ParticipantID } from "../../../protocol/ids.ts";
import { EdgeTable } from "./edge-table.ts";

const peerID = ParticipantID.parse("pt_01JAAAAAAAAAAAAAAAAAAAAAAA");
const always = () => true;
const name = { peerID, direction: "recv" as const };

function table(policy: "p2p" | "sfu" = "p2p"): EdgeTable {
	const made = new EdgeTable(policy);
	made.add(peerID, 0);
	return made;
}

test("a move keeps the old way until both ends are ready", () => {
	const edges = table();
	edges.receive({ t: "edge.accept", ...name, gen: 1, via: "sfu", reason: "group-size" }, 10, always);

	expect(edges.ways(peerID, "recv")).toEqual(["p2p", "sfu"]);
	expect(edges.ready(peerID, "recv")).toEqual([{ t: "edge.ready", ...name, gen: 1 }]);
	expect(edges.ways(peerID, "recv")).toEqual(["p2p", "sfu"]);
	edges.receive({ t: "edge.ready", ...name, gen: 1 }, 20, always);

	expect(edges.get(peerID, "recv")).toMatchObject({ via: "sfu", gen: 1, move: null });
	expect(edges.ways(peerID, "send")).toEqual(["p2p"]);
});

test("a proposal names the next generation, and only one is under way", () => {
	const edges = table();

	const first = edges.propose(name, { via: "sfu", reason: "loss", now: 0 });
	const second = edges.propose(name, { via: "sfu", reason: "no-media", now: 1 });

	expect(first).toEqual([{ t: "edge.propose", ...name, gen: 1, via: "sfu", reason: "loss" }]);
	expect(second).toEqual([]);
	expect(edges.ways(peerID, "recv")).toEqual(["p2p"]);
});

test("a peer's proposal is accepted if that way could work, else refused", () => {
	const edges = table("sfu");
	const proposal = { t: "edge.propose", ...name, gen: 1, via: "p2p", reason: "recovered" } as const;

	expect(edges.receive(proposal, 0, () => false)).toEqual([{ t: "edge.reject", ...name, gen: 1 }]);
	expect(edges.receive(proposal, 0, always)).toEqual([{ t: "edge.accept", ...name, gen: 1 }]);
});

test("both proposing the same at once is a move when the room says so", () => {
	const edges = table();
	edges.propose(name, { via: "sfu", reason: "ice-failed", now: 0 });

	edges.receive({ t: "edge.accept", ...name, gen: 1, via: "sfu", reason: "ice-failed" }, 1, always);

	expect(edges.goal(peerID, "recv")).toBe("sfu");
});

test("a return that is not ready in 8 s is given up, and the next move has a higher generation", () => {
	const edges = table("sfu");
	edges.receive({ t: "edge.accept", ...name, gen: 1, via: "p2p", reason: "recovered" }, 0, always);

	expect(edges.expire(7999, () => false)).toEqual([]);
	expect(edges.expire(8000, () => false)).toEqual([{ t: "edge.reject", ...name, gen: 1 }]);
	expect(edges.ways(peerID, "recv")).toEqual(["sfu"]);
	expect(edges.propose(name, { via: "p2p", reason: "recovered", now: 9000 })).toMatchObject([{ gen: 2 }]);
});

test("a move that has to be made is not given up so soon", () => {
	const edges = table();
	edges.receive({ t: "edge.accept", ...name, gen: 1, via: "sfu", reason: "group-size" }, 0, always);

	expect(edges.expire(29_000, () => false)).toEqual([]);
	expect(edges.expire(30_000, () => false)).toEqual([{ t: "edge.reject", ...name, gen: 1 }]);
});

test("while an end is offline a move has all the time it needs", () => {
	const edges = table();
	edges.receive({ t: "edge.accept", ...name, gen: 1, via: "sfu", reason: "loss" }, 0, always);

	expect(edges.expire(60_000, () => true)).toEqual([]);
	expect(edges.expire(61_000, () => false)).toEqual([]);
});

test("a proposal that nobody answers is taken back", () => {
	const edges = table();
	edges.propose(name, { via: "sfu", reason: "loss", now: 0 });

	expect(edges.expire(4000, () => false)).toEqual([{ t: "edge.reject", ...name, gen: 1 }]);
});

test("after coming back the room's table counts, and a move said again is answered as before", () => {
	const edges = table();
	const accept = { t: "edge.accept", ...name, gen: 1, via: "sfu", reason: "group-size" } as const;
	edges.receive(accept, 0, always);
	edges.ready(peerID, "recv");

	edges.adopt([{ peerID, send: { via: "sfu", gen: 4 }, recv: { via: "p2p", gen: 0 } }]);

	expect(edges.get(peerID, "send")).toMatchObject({ via: "sfu", gen: 4 });
	expect(edges.receive(accept, 50, always)).toEqual([{ t: "edge.ready", ...name, gen: 1 }]);
});

test("a late accept of a move that is done changes nothing", () => {
	const edges = table();
	edges.adopt([{ peerID, send: { via: "p2p", gen: 0 }, recv: { via: "sfu", gen: 3 } }]);

	edges.receive({ t: "edge.accept", ...name, gen: 3, via: "sfu", reason: "loss" }, 0, always);
	edges.receive({ t: "edge.accept", ...name, gen: 2, via: "p2p", reason: "loss" }, 0, always);

	expect(edges.ways(peerID, "recv")).toEqual(["sfu"]);
});

test("a new policy leaves old pairs and those that talk alone, and takes along the one that has only just come", () => {
	const edges = table();
	const talking = ParticipantID.parse("pt_01JCCCCCCCCCCCCCCCCCCCCCCC");
	const newcomer = ParticipantID.parse("pt_01JBBBBBBBBBBBBBBBBBBBBBBB");
	edges.add(newcomer, 10_000);

	edges.add(talking, 10_000);

	edges.setPolicy("sfu", 10_050, (peer) => peer === talking);

	expect(edges.goal(peerID, "recv")).toBe("p2p");
	expect(edges.goal(newcomer, "recv")).toBe("sfu");
	expect(edges.goal(talking, "recv")).toBe("p2p");
});
