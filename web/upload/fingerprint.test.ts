import { createHash } from "node:crypto";
import { describe, expect, test } from "vitest";
import { Fingerprint } from "../../protocol/upload.ts";
import { fingerprintOf, hex, sha256 } from "./fingerprint.ts";

const node = (bytes: Uint8Array) => createHash("sha256").update(bytes).digest();

describe("a file's fingerprint", () => {
	test("is SHA-256 over the SHA-256 of each chunk", async () => {
		const chunks = [new Uint8Array([1, 2, 3]), new Uint8Array([4])];
		const expected = node(Buffer.concat(chunks.map(node))).toString("hex");

		const fingerprint = await fingerprintOf(await Promise.all(chunks.map(sha256)));

		expect(fingerprint).toBe(`sha-256:${expected}`);
		expect(Fingerprint.safeParse(fingerprint).success).toBe(true);
	});

	test("depends on the order of chunks", async () => {
		const [a, b] = [await sha256(new Uint8Array([1])), await sha256(new Uint8Array([2]))];

		expect(await fingerprintOf([a, b])).not.toBe(await fingerprintOf([b, a]));
	});

	test("writes bytes below 16 with their zero", () => {
		expect(hex(new Uint8Array([0, 15, 255]))).toBe("000fff");
	});
});
