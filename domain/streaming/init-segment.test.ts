import { expect, test } from "vitest";
import { parseInitSegment } from "./init-segment.ts";
import { videoHeader } from "./synthetic-track.ts";

test.each([
	["of PAL's pixels in 4:3", { width: 720, height: 576 }, [16, 15], 768],
	["of tall pixels", { width: 1440, height: 1080 }, [3, 4], 1080],
	["whose shape is not known", { width: 720, height: 576 }, [0, 0], 720],
] as const)("a picture %s has the size at which it is shown", (_what, size, [wide, high], width) => {
	const init = parseInitSegment(videoHeader(size, [wide, high]));

	expect([init.width, init.height]).toEqual([width, size.height]);
});

test("a picture without a shape of its pixels has square ones", () => {
	const init = parseInitSegment(videoHeader({ width: 720, height: 576 }));

	expect([init.width, init.height]).toEqual([720, 576]);
});
