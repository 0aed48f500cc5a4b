import { expect, test } from "vitest";
import { knownKey } from "./stream-key.ts";

test("a kept key is used while it is the one in force", () => {
	expect(knownKey("sk_abcdwxyz", "wxyz")).toEqual({ kind: "known", streamKey: "sk_abcdwxyz" });
	expect(knownKey("sk_abcdwxyz", "…wxyz")).toEqual({ kind: "known", streamKey: "sk_abcdwxyz" });
});

test("a key of another browser is not replaced without asking", () => {
	expect(knownKey(null, "wxyz")).toEqual({ kind: "unknown", hint: "wxyz" });
	expect(knownKey("sk_old1", "wxyz")).toEqual({ kind: "unknown", hint: "wxyz" });
});

test("without a key in force a new one may be made, whatever was kept", () => {
	expect(knownKey("sk_revoked", null)).toEqual({ kind: "none" });
});
