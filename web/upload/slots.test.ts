import { describe, expect, test } from "vitest";
import { Slots } from "./slots.ts";

describe("places for uploads", () => {
	test("who finds none waits until one is given back, in order", async () => {
		const slots = new Slots(1);
		const { signal } = new AbortController();
		const order: string[] = [];
		const first = await slots.take(signal);
		const second = slots.take(signal).then((release) => {
			order.push("second");
			return release;
		});
		const third = slots.take(signal).then(() => order.push("third"));

		expect(order).toEqual([]);
		first();
		(await second)();
		await third;

		expect(order).toEqual(["second", "third"]);
	});

	test("a place given back twice is one place", async () => {
		const slots = new Slots(1);
		const { signal } = new AbortController();
		const release = await slots.take(signal);
		release();
		release();
		await slots.take(signal);
		let isIn = false;
		void slots.take(signal).then(() => {
			isIn = true;
		});
		await Promise.resolve();

		expect(isIn).toBe(false);
	});

	test("who gives up while waiting takes no place", async () => {
		const slots = new Slots(1);
		const patient = new AbortController();
		const impatient = new AbortController();
		const release = await slots.take(patient.signal);
		const waiting = slots.take(impatient.signal);
		impatient.abort();

		await expect(waiting).rejects.toThrow("Called off");
		release();
		await expect(slots.take(patient.signal)).resolves.toBeTypeOf("function");
	});
});
