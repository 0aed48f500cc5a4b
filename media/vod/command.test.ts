import { expect, test } from "vitest";
import { type CommandOptions, detectConfinement, runCommand } from "./command.ts";
import { CommandError, explainCommand, SourceFault } from "./failure.ts";

const confinement = await detectConfinement();

test("what a command writes into its pipes is consumed, and its lines are heard", async () => {
	const lines: string[] = [];
	const read: string[] = [];

	await run("echo three >&3; echo four >&4; echo said >&2", {
		outputs: [0, 1].map((index) => async (pipe) => {
			for await (const bytes of pipe) read[index] = new TextDecoder().decode(bytes);
		}),
		onLine: (line) => lines.push(line),
	});

	expect(read).toEqual(["three\n", "four\n"]);
	expect(lines).toEqual(["said"]);
});

test("a command that fails says how, with its last words", async () => {
	const error = await failure(run("echo a.source: Invalid data found when processing input >&2; exit 3"));

	expect(error).toMatchObject({ outcome: "exit", message: "sh ended with 3" });
	expect(explainCommand(error)).toBeInstanceOf(SourceFault);
});

test("a fault of ours is not put on the file", async () => {
	const error = await failure(run("echo 'Error setting option x to value y: Invalid argument' >&2; exit 1"));

	expect(explainCommand(error)).toBe(error);
});

test("the time limit kills the command and all that it started", async () => {
	const marker = `marker${process.pid}`;

	const error = await failure(
		run(`sh -c 'sleep 60; : ${marker}' & sh -c 'sleep 60; : ${marker}'`, { timeoutSeconds: 0.3 }),
	);

	expect(error).toMatchObject({ outcome: "timeout" });
	await expect.poll(() => processesWith(marker)).toBe(0);
});

test("an aborted command is killed, and the reason thrown", async () => {
	const abort = new AbortController();
	const running = run("sleep 60", { signal: abort.signal });

	abort.abort(new Error("superseded"));

	await expect(running).rejects.toThrow("superseded");
	await expect(run("true", { signal: abort.signal })).rejects.toThrow("superseded");
});

test("a consumer that fails ends the command", async () => {
	const running = run("while echo more; do :; done >&3", {
		outputs: [
			async (pipe) => {
				for await (const bytes of pipe) throw new RangeError(`no room for ${bytes.length > 0}`);
			},
		],
	});

	await expect(running).rejects.toThrow("no room for true");
});

test.runIf(confinement.hasMemoryCap)("a command cannot take more memory than its cap", async () => {
	const take = "dd if=/dev/zero of=/dev/null bs=40M count=1";

	const error = await failure(run(take, { memoryMegabytes: 20 }));
	await run(take, { memoryMegabytes: 400 });

	expect(error).toMatchObject({ outcome: "exit", stderr: expect.stringContaining("memory exhausted") });
});

test("a program that is not there is told apart from one that fails", async () => {
	const error = await failure(run("", { command: ["/nonexistent/ffmpeg"] }));

	expect(error).toBeInstanceOf(CommandError);
	expect(explainCommand(error)).toBe(error);
});

async function run(script: string, options: Partial<CommandOptions> = {}): Promise<void> {
	await runCommand({
		command: ["sh", "-c", script],
		confinement,
		niceness: 0,
		memoryMegabytes: 1000,
		timeoutSeconds: 20,
		signal: new AbortController().signal,
		...options,
	});
}

async function failure(running: Promise<void>): Promise<unknown> {
	return await running.then(
		() => undefined,
		(error: unknown) => error,
	);
}

async function processesWith(marker: string): Promise<number> {
	let count = 0;
	const outputs = {
		stdout: async (pipe: AsyncIterable<Uint8Array>) => {
			for await (const bytes of pipe) {
				const lines = new TextDecoder().decode(bytes).split("\n");
				count += lines.filter((line) => line.includes(marker) && line.includes("sleep 60")).length;
			}
		},
	};
	await run("", { command: ["ps", "-eo", "args"], ...outputs });
	return count;
}
