import { expect, test } from "vitest";
import { titleProgress, type UploadPhase } from "./upload-phase.ts";

const uploading: UploadPhase = { kind: "uploading" };

test("the title says how far all running uploads are together", () => {
	const text = titleProgress([
		{ phase: uploading, sent: 50, size: 100 },
		{ phase: { kind: "queued" }, sent: 0, size: 100 },
	]);

	expect(text).toBe("25 %");
});

test("the title says nothing of uploads that stand or are through", () => {
	const text = titleProgress([
		{ phase: { kind: "sent" }, sent: 100, size: 100 },
		{ phase: { kind: "paused" }, sent: 50, size: 100 },
	]);

	expect(text).toBe("");
});

test("the title does not say 100 % while something is under way", () => {
	expect(titleProgress([{ phase: uploading, sent: 999, size: 1000 }])).toBe("99 %");
	expect(titleProgress([{ phase: { kind: "completing" }, sent: 100, size: 100 }])).toBe("99 %");
});
