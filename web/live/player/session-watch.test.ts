import { describe, expect, test } from "vitest";
import { SessionWatch } from "./session-watch.ts";

describe("the watch over a WebRTC session", () => {
	test("lets a short disconnection heal", () => {
		const watch = new SessionWatch();
		watch.observe("connected", 10, 0);

		expect(watch.observe("disconnected", 20, 1000)).toBe("well");
		expect(watch.observe("disconnected", 30, 3900)).toBe("well");
		expect(watch.observe("connected", 40, 4200)).toBe("well");
		expect(watch.observe("disconnected", 50, 5000)).toBe("well");
	});

	test("gives up a disconnection of more than three seconds", () => {
		const watch = new SessionWatch();
		watch.observe("disconnected", 0, 1000);

		expect(watch.observe("disconnected", 0, 4100)).toBe("lost");
	});

	test("notices that a connected session has gone silent", () => {
		const watch = new SessionWatch();
		watch.observe("connected", 10, 0);

		expect(watch.observe("connected", 10, 2900)).toBe("well");
		expect(watch.observe("connected", 10, 3100)).toBe("lost");
	});

	test("does not call a session silent that has not begun", () => {
		const watch = new SessionWatch();

		expect(watch.observe("connecting", 0, 60_000)).toBe("well");
		expect(watch.hasCarried).toBe(false);
	});

	test("a failed connection is lost at once", () => {
		expect(new SessionWatch().observe("failed", 0, 0)).toBe("lost");
	});
});
