import { afterAll, beforeAll, expect, test } from "vitest";
import { register } from "../../protocol/account.ts";
import { createCall } from "../../protocol/call.ts";
import { SyntheticCaller } from "../support/synthetic-caller.ts";
import { Caller, eventually, System } from "../support/system.ts";

const PEOPLE = 50;
const QUIET_MS = 60_000;
/** workerd puts an object with hibernatable sockets to sleep after ten quiet seconds. */
const ASLEEP_AFTER_MS = 13_000;

let system: System;

beforeAll(async () => {
	system = await System.start(18_800);
});
afterAll(async () => {
	await system[Symbol.asyncDispose]();
});

function wakes(callID: string): number {
	return system.output
		.join("")
		.split("\n")
		.filter((line) => line.includes('"call.woken"') && line.includes(callID)).length;
}

test("a room of fifty who say nothing for a minute sleeps through it, though their pings are answered", async () => {
	await using stack = new AsyncDisposableStack();
	const host = new Caller(system.url);
	const userName = `host_${Date.now()}`;
	host.token = (
		await host.call(register, { body: { userName, password: "correct horse battery" } })
	).accessToken;
	const call = await host.call(createCall, { body: { kind: "video" } });
	const people = [stack.use(await SyntheticCaller.join(system.url, call.callID, host))];
	while (people.length < PEOPLE) people.push(stack.use(await SyntheticCaller.join(system.url, call.code)));
	await new Promise((resolve) => setTimeout(resolve, ASLEEP_AFTER_MS));
	const before = wakes(call.callID);
	const frames = people.reduce((sum, { received }) => sum + received.length, 0);

	const pinging = setInterval(() => {
		for (const person of people) person.ping();
	}, 10_000);
	await new Promise((resolve) => setTimeout(resolve, QUIET_MS));
	clearInterval(pinging);

	expect(wakes(call.callID)).toBe(before);
	expect(people.reduce((sum, { received }) => sum + received.length, 0)).toBe(frames);
	expect(people.every(({ pongs }) => pongs >= 5)).toBe(true);
	people[3]?.send({ t: "hand", raised: true });
	await eventually(async () => people[7]?.all("participant.updated").length === 1, 5000);
	expect(wakes(call.callID)).toBe(before + 1);
});
