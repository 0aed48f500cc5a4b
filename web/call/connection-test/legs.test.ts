import { expect, test } from "vitest";
import { judgeConnection, LEGS, type LegResults, serversOfLeg } from "./legs.ts";

const SERVERS = [
	{ urls: ["stun:stun.example:3478"] },
	{
		urls: [
			"turn:turn.example:3478?transport=udp",
			"turn:turn.example:3478?transport=tcp",
			"turns:turn.example:443?transport=tcp",
		],
		username: "u",
		credential: "c",
	},
];

function results(states: Partial<LegResults>): LegResults {
	return { stun: "blocked", "turn-udp": "blocked", "turn-tcp": "blocked", "turn-tls": "blocked", ...states };
}

test("each leg is tried with its own addresses, and with their credentials", () => {
	const urls = LEGS.map((leg) => serversOfLeg(leg, SERVERS).flatMap((server) => server.urls));

	expect(urls).toEqual([
		["stun:stun.example:3478"],
		["turn:turn.example:3478?transport=udp"],
		["turn:turn.example:3478?transport=tcp"],
		["turns:turn.example:443?transport=tcp"],
	]);
	expect(serversOfLeg("turn-tls", SERVERS)[0]).toMatchObject({ username: "u", credential: "c" });
});

test("with all UDP blocked the result names it, and the relay that works", () => {
	const verdict = judgeConnection(results({ "turn-tls": "ok" }));

	expect(verdict.grade).toBe("poor");
	expect(verdict.code).toBe("udp-blocked, turn-udp-blocked, turn-tcp-blocked, turn-tls-ok");
});

test("the grades go from direct over relays to nothing", () => {
	const grades = [
		results({ stun: "ok", "turn-udp": "ok" }),
		results({ "turn-udp": "ok" }),
		results({ "turn-tcp": "ok" }),
		results({}),
	].map((each) => judgeConnection(each).grade);

	expect(grades).toEqual(["good", "fair", "poor", "lost"]);
});

test("relays that the server does not have are not called blocked", () => {
	const verdict = judgeConnection({
		stun: "ok",
		"turn-udp": "missing",
		"turn-tcp": "missing",
		"turn-tls": "missing",
	});

	expect(verdict.code).toBe("udp-ok");
	expect(verdict.advice).toMatch(/relay/);
});
