import { expect, test } from "vitest";
import { WatchedTime } from "./watched-time.ts";

test("what plays adds up, jumps do not", () => {
	const watched = new WatchedTime();
	const seconds = [10, 10.25, 10.5, 60, 60.5, 5, 5.25].map((position) => watched.at(position));

	expect(seconds).toEqual([0, 0.25, 0.5, 0.5, 1, 1, 1.25]);
});
