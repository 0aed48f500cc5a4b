import { expect, test } from "vitest";
import { announce } from "./announcement.ts";

test("what happened at once is one sentence, with names while they are few", () => {
	expect(announce([{ kind: "joined", name: "Ada" }])).toBe("Ada joined.");
	expect(
		announce([
			{ kind: "joined", name: "Ada" },
			{ kind: "hand", name: "Cy" },
			{ kind: "joined", name: "Bo" },
		]),
	).toBe("Ada and Bo joined. Cy raised a hand.");
});

test("many are a number", () => {
	const events = ["a", "b", "c", "d", "e"].map((name) => ({ kind: "left", name }) as const);

	expect(announce(events)).toBe("5 people left.");
});

test("who came and went meanwhile is not spoken of", () => {
	expect(
		announce([
			{ kind: "joined", name: "Ada" },
			{ kind: "left", name: "Ada" },
		]),
	).toBe("");
});
