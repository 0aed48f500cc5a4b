import { describe, expect, test } from "vitest";
import { type EdgeEffect, type EdgeMessage, Edges } from "./edges.ts";
import { participantID } from "./fixtures.ts";

const ada = participantID(1);
const bob = participantID(2);
const cyd = participantID(3);

function frames(effects: readonly EdgeEffect[]) {
	return effects.flatMap((effect) => (effect.do === "send" ? [{ to: effect.to, ...effect.frame }] : []));
}

const bobToAda: EdgeMessage = { by: ada, peerID: bob, direction: "recv", gen: 1 };
const seenByBob: EdgeMessage = { by: bob, peerID: ada, direction: "send", gen: 1 };
const toSfu = { via: "sfu", reason: "no-media" } as const;

describe("one direction of a pair", () => {
	test("moves when the other end accepts and both are ready, and the other direction stays", () => {
		const edges = new Edges("p2p", []);

		const proposal = frames(edges.propose(bobToAda, toSfu));
		const acceptance = frames(edges.accept(seenByBob));
		edges.ready(bobToAda, 5);
		const before = edges.get(bob, ada).via;
		edges.ready(seenByBob, 6);

		expect(proposal).toEqual([
			{ to: bob, t: "edge.propose", peerID: ada, direction: "send", gen: 1, ...toSfu },
		]);
		expect(acceptance.map(({ to, t }) => [to, t])).toEqual([
			[bob, "edge.accept"],
			[ada, "edge.accept"],
		]);
		expect(before).toBe("p2p");
		expect(edges.get(bob, ada)).toMatchObject({ via: "sfu", gen: 1, since: 6, pending: null });
		expect(edges.get(ada, bob).via).toBe("p2p");
		expect(edges.topology([ada, bob])).toBe("mixed");
	});

	test("stays when the other end rejects, and the generation is used up", () => {
		const edges = new Edges("p2p", []);
		edges.propose(bobToAda, toSfu);

		const answer = frames(edges.reject(seenByBob));

		expect(answer).toEqual([{ to: ada, t: "edge.reject", peerID: bob, direction: "recv", gen: 1 }]);
		expect(edges.get(bob, ada)).toMatchObject({ via: "p2p", gen: 1, pending: null });
		expect(frames(edges.propose(bobToAda, toSfu))).toMatchObject([{ to: ada, t: "edge.reject" }]);
		expect(frames(edges.propose({ ...bobToAda, gen: 2 }, toSfu))).toMatchObject([
			{ to: bob, t: "edge.propose" },
		]);
	});

	test("is not accepted by the one who proposed it, nor ready before it is on", () => {
		const edges = new Edges("p2p", []);
		edges.propose(bobToAda, toSfu);

		expect(edges.accept(bobToAda)).toEqual([]);
		expect(edges.ready(bobToAda, 5)).toEqual([]);
		expect(edges.ready(seenByBob, 5)).toEqual([]);
		expect(edges.get(bob, ada).via).toBe("p2p");
	});

	test("is not used up by a number far from its turn", () => {
		const edges = new Edges("p2p", []);
		edges.propose(bobToAda, toSfu);

		const leap = frames(edges.propose({ ...bobToAda, gen: 1_000_000 }, toSfu));
		const moves = frames(edges.setPolicy("sfu", [ada, bob], { reason: "group-size", now: 1 }));

		expect(leap).toMatchObject([{ to: ada, t: "edge.reject", gen: 1_000_000 }]);
		expect(moves.every((move) => "gen" in move && move.gen <= 2)).toBe(true);
	});

	test("moves when both ends propose the same at once", () => {
		const edges = new Edges("p2p", []);
		edges.propose(bobToAda, toSfu);

		const answer = frames(edges.propose({ ...seenByBob, gen: 1 }, { via: "sfu", reason: "loss" }));

		expect(answer.map(({ t }) => t)).toEqual(["edge.accept", "edge.accept"]);
	});

	test("is ready only once, however often an end says so", () => {
		const edges = new Edges("p2p", []);
		edges.propose(bobToAda, toSfu);
		edges.accept(seenByBob);

		edges.ready(bobToAda, 5);

		expect(edges.ready(bobToAda, 6)).toEqual([]);
		expect(edges.get(bob, ada).via).toBe("p2p");
	});
});

describe("the policy", () => {
	test("moves every pair, both directions, without asking", () => {
		const edges = new Edges("p2p", []);

		const moves = frames(edges.setPolicy("sfu", [ada, bob, cyd], { reason: "group-size", now: 1 }));

		expect(moves).toHaveLength(12);
		expect(moves.every((move) => move.t === "edge.accept" && move.via === "sfu" && move.gen === 1)).toBe(
			true,
		);
		expect(edges.topology([ada, bob, cyd])).toBe("p2p");
	});

	test("overrides a move that is being made the other way", () => {
		const edges = new Edges("p2p", []);
		edges.setPolicy("sfu", [ada, bob], { reason: "group-size", now: 1 });

		const back = frames(edges.setPolicy("p2p", [ada, bob], { reason: "group-size", now: 2 }));
		edges.ready({ ...bobToAda, gen: 1 }, 3);
		edges.ready({ ...seenByBob, gen: 1 }, 3);

		expect(back.every((move) => move.t === "edge.accept" && move.via === "p2p" && move.gen === 2)).toBe(true);
		expect(back).toHaveLength(4);
		expect(edges.get(bob, ada).via).toBe("p2p");
	});

	test("of sfu refuses a way back to p2p", () => {
		const edges = new Edges("sfu", []);

		const answer = frames(edges.propose(bobToAda, { via: "p2p", reason: "recovered" }));

		expect(answer).toMatchObject([{ to: ada, t: "edge.reject" }]);
	});

	test("tells a newcomer of moved pairs only, and of moves that are on again after a resume", () => {
		const edges = new Edges("p2p", []);
		edges.propose(bobToAda, toSfu);
		edges.accept(seenByBob);

		expect(edges.of(ada, [ada, bob, cyd])).toEqual([
			{ peerID: bob, send: { via: "p2p", gen: 0 }, recv: { via: "p2p", gen: 0 } },
		]);
		expect(frames(edges.pendingOf(ada))).toMatchObject([
			{ to: ada, t: "edge.accept", peerID: bob, direction: "recv" },
		]);
	});
});

test("edges are read back as they were stored", () => {
	const edges = new Edges("p2p", []);
	const stored = [...edges.propose(bobToAda, toSfu), ...edges.accept(seenByBob)].flatMap((effect) =>
		effect.do === "storeEdge" ? [effect.edge] : [],
	);

	const restored = new Edges("p2p", stored);
	restored.ready(bobToAda, 7);
	restored.ready(seenByBob, 8);

	expect(restored.get(bob, ada)).toMatchObject({ via: "sfu", since: 8 });
});

test("with somebody who has left go all their edges", () => {
	const edges = new Edges("p2p", []);
	edges.propose(bobToAda, toSfu);

	edges.drop(bob);

	expect(edges.get(bob, ada)).toMatchObject({ gen: 0, pending: null });
});
