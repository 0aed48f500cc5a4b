import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { Coturn, isCoturnInstalled } from "./coturn.ts";
import { TurnUsers } from "./users.ts";

let directory: string;

beforeEach(() => {
	directory = mkdtempSync(`${tmpdir()}/rostrum-turn-`);
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

function newCoturn(): Coturn {
	return new Coturn({
		program: "turnserver",
		port: 19_320,
		tlsPort: 19_321,
		addresses: ["127.0.0.1"],
		relayPorts: "51000-51010",
		directory,
		databaseFile: `${directory}/users.sqlite`,
		consolePassword: "secret",
	});
}

const pidIn = () => Number(readFileSync(`${directory}/coturn.pid`, "utf8"));

function isAlive(pid: number): boolean {
	try {
		process.kill(pid, 0);
		return true;
	} catch {
		return false;
	}
}

describe.skipIf(!isCoturnInstalled("turnserver"))("coturn", () => {
	test("that a killed predecessor left behind is ended by the next start", async () => {
		const abandoned = newCoturn();
		await abandoned.start();
		const pid = pidIn();
		// As after kill -9 of the parent: nobody restarts or stops it any more.
		const next = newCoturn();

		await next.start();

		expect(pidIn()).not.toBe(pid);
		expect(isAlive(pidIn())).toBe(true);
		await expect.poll(() => isAlive(pid)).toBe(false);
		await abandoned.stop();
		await next.stop();
	});

	test("is not looked for behind a pid that now belongs to somebody else", async () => {
		writeFileSync(`${directory}/coturn.pid`, String(process.pid));
		const coturn = newCoturn();

		await coturn.start();

		expect(isAlive(process.pid)).toBe(true);
		await coturn.stop();
	});

	test("comes back when it dies, and leaves nothing when it is stopped", async () => {
		const coturn = newCoturn();
		await coturn.start();
		const first = pidIn();

		process.kill(first, "SIGKILL");

		await expect.poll(() => pidIn() !== first && isAlive(pidIn()), { timeout: 5_000 }).toBe(true);
		const second = pidIn();
		await coturn.stop();
		expect(isAlive(second)).toBe(false);
	});
});

describe("users", () => {
	test("are known until they are revoked, once", () => {
		const users = new TurnUsers(`${directory}/users.sqlite`);
		const { username } = users.issue(60, 0);

		expect(users.revoke(username)).toBe(true);
		expect(users.revoke(username)).toBe(false);
		users.close();
	});

	test("expire, also over a restart", () => {
		const before = new TurnUsers(`${directory}/users.sqlite`);
		const short = before.issue(60, 0);
		before.issue(600, 0);
		before.close();

		const users = new TurnUsers(`${directory}/users.sqlite`);

		expect(users.expired(59_999)).toEqual([]);
		expect(users.expired(60_000)).toEqual([short.username]);
		users.close();
	});
});
