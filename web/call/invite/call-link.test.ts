import { expect, test } from "vitest";
import { codeIn } from "./call-link.ts";

test("a code is found in a link, by itself, and without its dashes", () => {
	for (const text of [
		"https://rostrum.example/meet/abc-defg-hjk",
		"https://rostrum.example/meet/abc-defg-hjk?x=1",
		" ABC-DEFG-HJK ",
		"abcdefghjk",
	]) {
		expect(codeIn(text)).toBe("abc-defg-hjk");
	}
});

test("other words are no code", () => {
	expect([codeIn("hello"), codeIn(""), codeIn("https://rostrum.example/watch/@ada")]).toEqual([
		null,
		null,
		null,
	]);
});
