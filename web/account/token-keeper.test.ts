import { describe, expect, test } from "vitest";
import { TokenKeeper } from "./token-keeper.ts";

class Refused extends Error {}

/** A server with rotating refresh tokens, a store as tabs share it, and a lock as the browser has it. */
function browser() {
	const state = { stored: "r0" as string | null, valid: "r0", refreshes: 0, now: 0, lost: 0, isDown: false };
	let tail: Promise<unknown> = Promise.resolve();
	function openTab(): TokenKeeper {
		return new TokenKeeper({
			store: {
				read: () => state.stored,
				write: (token) => {
					state.stored = token;
				},
			},
			exclusive: (work) => {
				const run = tail.then(work, work);
				tail = run.catch(() => null);
				return run;
			},
			refresh: async (refreshToken) => {
				if (state.isDown) throw new TypeError("Failed to fetch");
				if (refreshToken !== state.valid) throw new Refused();
				state.refreshes += 1;
				state.valid = `r${state.refreshes}`;
				return { accessToken: `a${state.refreshes}`, expiresIn: 900, refreshToken: state.valid };
			},
			isRefusal: (error) => error instanceof Refused,
			now: () => state.now,
			onLost: () => {
				state.lost += 1;
			},
		});
	}
	return { state, openTab };
}

describe("the token keeper", () => {
	test("refreshes once for many calls at the same time", async () => {
		const { state, openTab } = browser();
		const tab = openTab();

		const got = await Promise.all([tab.current(), tab.current(), tab.current()]);

		expect(got).toEqual(["a1", "a1", "a1"]);
		expect(state.refreshes).toBe(1);
	});

	test("renews a minute before the end, not earlier", async () => {
		const { state, openTab } = browser();
		const tab = openTab();
		await tab.current();

		state.now = 839_000;
		const early = await tab.current();
		state.now = 841_000;
		const late = await tab.current();

		expect([early, late]).toEqual(["a1", "a2"]);
	});

	test("of two tabs the second uses what the first one got, and nobody is signed out", async () => {
		const { state, openTab } = browser();
		const [one, two] = [openTab(), openTab()];

		const got = await Promise.all([one.current(), two.current()]);

		expect(got).toEqual(["a1", "a2"]);
		expect(state.lost).toBe(0);
		expect(state.stored).toBe(state.valid);
	});

	test("tries the other tab's token when its own was used up meanwhile", async () => {
		const { state, openTab } = browser();
		const tab = openTab();
		state.stored = "r0";
		state.valid = "r9";
		let asked = 0;
		const racing = new TokenKeeper({
			store: {
				read: () => state.stored,
				write: (token) => {
					state.stored = token;
				},
			},
			exclusive: (work) => work(),
			refresh: async (refreshToken) => {
				asked += 1;
				if (refreshToken === "r9") return { accessToken: "a9", expiresIn: 900, refreshToken: "r10" };
				state.stored = "r9";
				throw new Refused();
			},
			isRefusal: (error) => error instanceof Refused,
			now: () => 0,
			onLost: () => {
				state.lost += 1;
			},
		});

		expect(await racing.current()).toBe("a9");
		expect([asked, state.lost]).toEqual([2, 0]);
		expect(tab.hasSession).toBe(true);
	});

	test("a refused refresh token ends the session", async () => {
		const { state, openTab } = browser();
		state.valid = "another";
		const tab = openTab();

		expect(await tab.current()).toBeNull();
		expect([state.stored, state.lost]).toEqual([null, 1]);
	});

	test("no network is no reason to sign anybody out", async () => {
		const { state, openTab } = browser();
		state.isDown = true;
		const tab = openTab();

		await expect(tab.current()).rejects.toThrow("Failed to fetch");
		state.isDown = false;

		expect(await tab.current()).toBe("a1");
		expect(state.lost).toBe(0);
	});

	test("after a 401 a token that is newer already is not renewed again", async () => {
		const { state, openTab } = browser();
		const tab = openTab();
		await tab.current();

		expect(await tab.replace("a0")).toBe("a1");
		expect(await tab.replace("a1")).toBe("a2");
		expect(state.refreshes).toBe(2);
	});
});
