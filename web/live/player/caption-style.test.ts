import { expect, test } from "vitest";
import { parseStyle } from "./caption-style.ts";

test("captions look as they were set", () => {
	const style = parseStyle('{"size":"huge","colour":"yellow","background":"none"}');

	expect(style).toEqual({ size: "huge", colour: "yellow", background: "none" });
});

test.each([null, "", "nonsense", "[1]", '{"size":"enormous"}', "null"])(
	"captions look as in the beginning when %j is stored",
	(stored) => {
		expect(parseStyle(stored)).toEqual({ size: "normal", colour: "white", background: "solid" });
	},
);
