import { spawn } from "node:child_process";
import { createHash, randomBytes } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";
import * as z from "zod";
import { register } from "../../protocol/account.ts";
import { listVideos } from "../../protocol/vod.ts";
import { Caller, eventually, System } from "../support/system.ts";

const PORT = 20_110;
const MIB = 1024 ** 2;
const SENDER = fileURLToPath(new URL("../support/tus-sender.ts", import.meta.url));

const Line = z.object({
	sent: z.number().optional(),
	url: z.string().nullish(),
	resumes: z.boolean().optional(),
	error: z.string().optional(),
});
type Line = z.infer<typeof Line>;

let system: System;
let folder: string;

beforeAll(async () => {
	folder = mkdtempSync(`${tmpdir()}/rostrum-tus-`);
	system = await System.start(PORT);
});

afterAll(async () => {
	await system?.[Symbol.asyncDispose]();
	rmSync(folder, { recursive: true, force: true });
});

/** Runs the client until it ends, or kills it as soon as it has sent so much. */
async function send(file: string, token: string, killAt = Number.POSITIVE_INFINITY): Promise<Line[]> {
	const child = spawn(process.execPath, [SENDER, `${system.url}/tus`, file, token, `${folder}/memory`], {
		stdio: ["ignore", "pipe", "inherit"],
	});
	const lines: Line[] = [];
	for await (const text of createInterface({ input: child.stdout })) {
		const line = Line.parse(JSON.parse(text));
		lines.push(line);
		if ((line.sent ?? 0) >= killAt) child.kill("SIGKILL");
	}
	return lines;
}

test("a tus client that we did not write goes on after its process was killed, and the file is the same", async () => {
	const caller = new Caller(system.url);
	const { accessToken, user } = await caller.call(register, {
		body: { userName: `tus_${Date.now()}`, password: "correct horse battery" },
	});
	caller.token = accessToken;
	const bytes = randomBytes(48 * MIB + 321);
	const file = `${folder}/holiday.mp4`;
	writeFileSync(file, bytes);

	const first = await send(file, accessToken, bytes.byteLength * 0.4);
	const second = await send(file, accessToken);

	expect(first.some((line) => line.url)).toBe(false);
	expect(second[0]).toEqual({ resumes: true });
	expect(second.flatMap((line) => line.error ?? [])).toEqual([]);
	// What was sent of a chunk that was not whole, and what lay in buffers, may come again.
	const resumedAt = second.find((line) => line.sent !== undefined)?.sent ?? 0;
	expect(resumedAt).toBeGreaterThan(bytes.byteLength * 0.4 - 16 * MIB);
	const { items } = await caller.call(listVideos, { query: { ownerID: user.userID } });
	const [work] = items;
	const stored = await eventually(async () => {
		const reply = await fetch(
			`${system.url}/cdn-cgi/local/r2/public/rostrum-media/vod/${work?.videoID}/source`,
		);
		return reply.ok ? new Uint8Array(await reply.arrayBuffer()) : null;
	}, 10_000);
	expect(createHash("sha256").update(stored).digest("hex")).toBe(
		createHash("sha256").update(bytes).digest("hex"),
	);
});
