import { expect, test } from "vitest";
import { fitInside, layOutStoryboard, renderStoryboard } from "./storyboard.ts";

test.each([
	[{ width: 1920, height: 1080 }, 0.4, 1],
	[{ width: 1920, height: 1080 }, 9, 9],
	[{ width: 1080, height: 1920 }, 36_000, 100],
])("a work of %j and %d s has %d pictures that cover it", (size, seconds, tiles) => {
	const layout = layOutStoryboard(size, seconds);

	const vtt = renderStoryboard(layout, "storyboard.jpg");

	const cues = [...vtt.matchAll(/(\S+) --> (\S+)\n\S+#xywh=(\d+),(\d+),(\d+),(\d+)/g)];
	expect(layout.tiles).toBe(tiles);
	expect(cues.length).toBe(tiles);
	expect(cues[0]?.[1]).toBe("00:00:00.000");
	for (const [index, cue] of cues.slice(1).entries()) expect(cue[1]).toBe(cues[index]?.[2]);
	for (const [, , , x, y] of cues) {
		expect(Number(x)).toBeLessThan(layout.columns * layout.tileWidth);
		expect(Number(y)).toBeLessThan(layout.rows * layout.tileHeight);
	}
});

test("the last cue ends with the work", () => {
	expect(renderStoryboard(layOutStoryboard({ width: 16, height: 9 }, 3661.5), "s.jpg")).toContain(
		"--> 01:01:01.500",
	);
});

test("a picture is fitted with even sides and never enlarged", () => {
	expect(fitInside({ width: 1080, height: 1920 }, { width: 160, height: 90 })).toEqual({
		width: 50,
		height: 90,
	});
	expect(fitInside({ width: 101, height: 51 }, { width: 1280, height: 720 })).toEqual({
		width: 102,
		height: 52,
	});
});
