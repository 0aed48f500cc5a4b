import { expect, test } from "vitest";
import { endingWords } from "./ending.ts";

test("a call that nobody took says who did not, and offers to call again", () => {
	expect(endingWords("declined", "Ada")).toMatchObject({ title: "Ada declined", next: "call-again" });
	expect(endingWords("missed", "Ada").title).toBe("Ada did not answer");
	expect(endingWords("missed", null).title).toBe("Nobody answered");
	expect(endingWords("busy", "Ada").title).toBe("Ada is in another call");
	expect(endingWords("busy", null).title).toBe("They are in another call");
});

test("who was removed is not offered to come back, who lost the network is", () => {
	expect(endingWords("removed", null).next).toBe("home");
	expect(endingWords("failed", null).next).toBe("rejoin");
});
