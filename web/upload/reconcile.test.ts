import { describe, expect, test } from "vitest";
import type * as z from "zod";
import type { ChunkStatus, UploadChunk } from "../../protocol/upload.ts";
import { compareFile, reconcile } from "./reconcile.ts";

function chunk(
	index: number,
	chunkStatus: ChunkStatus,
	etag: string | null = null,
): z.infer<typeof UploadChunk> {
	return { index, chunkStatus, etag, fingerprint: null };
}

describe("the ledgers compared", () => {
	test("what the server has is not sent", () => {
		const result = reconcile({
			count: 3,
			local: null,
			server: [chunk(0, "UPLOADED", "a"), chunk(1, "NOT_UPLOADED"), chunk(2, "NOT_UPLOADED")],
		});

		expect(result).toEqual({ done: [0], toReport: [], toSend: [1, 2], etags: { 0: "a" } });
	});

	test("a chunk that went through just before the tab died is told, not sent", () => {
		const result = reconcile({
			count: 2,
			local: { etags: { 0: "a", 1: "b" } },
			server: [chunk(0, "UPLOADED", "a"), chunk(1, "NOT_UPLOADED")],
		});

		expect(result.toReport).toEqual([{ index: 1, etag: "b" }]);
		expect(result.toSend).toEqual([]);
	});

	test("what the server calls failed goes again, whatever we remember", () => {
		const result = reconcile({ count: 1, local: { etags: { 0: "a" } }, server: [chunk(0, "FAILED", "a")] });

		expect(result.toSend).toEqual([0]);
		expect(result.etags).toEqual({});
	});

	test("the server's ETag wins over ours", () => {
		const result = reconcile({
			count: 1,
			local: { etags: { 0: "old" } },
			server: [chunk(0, "UPLOADED", "new")],
		});

		expect(result.etags).toEqual({ 0: "new" });
	});

	test("chunks that the server does not list are sent", () => {
		expect(reconcile({ count: 2, local: null, server: [] }).toSend).toEqual([0, 1]);
	});

	test("chunks beyond the file are of no account", () => {
		const result = reconcile({ count: 1, local: { etags: { 7: "x" } }, server: [chunk(9, "UPLOADED", "y")] });

		expect(result).toEqual({ done: [], toReport: [], toSend: [0], etags: {} });
	});
});

describe("a file chosen again", () => {
	const facts = { name: "talk.mp4", size: 100, lastModified: 5 };

	test("is the same by name, size and time", () => {
		expect(compareFile(facts, { ...facts })).toBe("same");
	});

	test("has to be read when it was renamed or touched", () => {
		expect(compareFile(facts, { ...facts, name: "talk (1).mp4" })).toBe("read");
		expect(compareFile(facts, { ...facts, lastModified: 6 })).toBe("read");
	});

	test("is another one when its size is another", () => {
		expect(compareFile(facts, { ...facts, size: 101 })).toBe("other");
	});
});
