import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { openWorkspace } from "./workspace.ts";

test("what a killed program left is removed, and what belongs to a running one or to nobody we know stays", async () => {
	const root = await mkdtemp(join(tmpdir(), "workspace-"));
	onTestFinished(() => rm(root, { recursive: true }));
	const ended = spawn("true");
	await once(ended, "exit");
	const names = [`run-${ended.pid}-abc`, `run-${process.ppid}-abc`, `run-${process.pid}-old`, "other"];
	for (const name of names) {
		await mkdir(join(root, name));
		await writeFile(join(root, name, "film.source"), "x");
	}

	const folder = await openWorkspace(root);

	const left = await readdir(root);
	expect(left).toContain(`run-${process.ppid}-abc`);
	expect(left).toContain("other");
	expect(left).not.toContain(`run-${ended.pid}-abc`);
	expect(left).not.toContain(`run-${process.pid}-old`);
	expect(await readdir(folder)).toEqual([]);
});
