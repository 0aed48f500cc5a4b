import { expect, test } from "vitest";
import { FrameWatch } from "./frame-watch.ts";

test("a picture whose frames come moves, one without a frame for over 1.5 s stands", () => {
	const watch = new FrameWatch();

	expect(watch.observe(10, 0)).toBe("unknown");
	expect(watch.observe(25, 500)).toBe("moves");
	expect(watch.observe(25, 1900)).toBe("unknown");
	expect(watch.observe(25, 2100)).toBe("stands");
	expect(watch.observe(26, 2200)).toBe("moves");
});

test("a count that starts again with another engine is no standstill", () => {
	const watch = new FrameWatch();
	watch.observe(500, 0);

	expect(watch.observe(0, 5000)).toBe("unknown");
	expect(watch.observe(0, 6000)).toBe("unknown");
});
