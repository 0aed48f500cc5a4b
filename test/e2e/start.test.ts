import { expect, test } from "vitest";
import { login, register } from "../../protocol/account.ts";
import { PASSWORD } from "../support/stage.ts";
import { Caller, eventually, System } from "../support/system.ts";

test("after kill -9 of everything's parent the next start finds its ports free and its data there", async () => {
	const first = await System.start(18_600);
	await new Caller(first.url).call(register, { body: { userName: "survivor", password: PASSWORD } });
	// The ledger of processes is written twice a second.
	await new Promise((resolve) => setTimeout(resolve, 1000));
	const stateDir = await first.crash();

	await using second = await System.start(18_600, { STATE_DIR: stateDir });
	const session = await new Caller(second.url).call(login, {
		body: { userName: "survivor", password: PASSWORD },
	});

	expect(session.user.userName).toBe("survivor");
	const ready = await (await fetch(`${second.url}/readyz`)).json();
	expect(ready).toMatchObject({
		status: "ready",
		dependencies: { sfu: "stand-in", turn: "stand-in", media: "stand-in" },
	});
}, 120_000);

test("the first request of a first start finds its tables, however early it comes", async () => {
	const port = 18_640;
	const first = firstAnswer(`http://127.0.0.1:${port}/calls/abc-defg-hjk`);
	await using system = await System.start(port);

	expect(system.url).toContain(String(port));
	expect(await first).toBe(404);
}, 90_000);

test("workerd that is killed whenever it starts again comes back once it is left alone", async () => {
	await using system = await System.start(20_650);

	for (let deaths = 0; deaths < 4; deaths++)
		await eventually(async () => system.kill("workerd serve") > 0, 10_000);

	expect(await eventually(async () => (await fetch(`${system.url}/healthz`)).ok, 20_000)).toBe(true);
}, 90_000);

/** Status of the first answer that comes at all. */
async function firstAnswer(url: string): Promise<number> {
	for (;;) {
		try {
			return (await fetch(url)).status;
		} catch {
			// The port is not open yet.
			await new Promise((resolve) => setTimeout(resolve, 10));
		}
	}
}
