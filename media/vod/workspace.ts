import { mkdir, mkdtemp, readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { log } from "../../adapters/log.ts";

/** Of this process, so that they are not taken for those of a former one with its number. */
const opened = new Set<string>();
const NAME = /^run-(\d+)-/;

/**
 * This program's folder for temporary files below `root`: `run-{pid}-{random}`. Folders of programs that run no longer (killed, so that they could not
 * clean up) are removed first.
 */
export async function openWorkspace(root: string): Promise<string> {
	await mkdir(root, { recursive: true });
	for (const name of await readdir(root)) {
		const pid = Number(NAME.exec(name)?.[1] ?? Number.NaN);
		// In a container the new program has the number of the old one.
		const path = join(root, name);
		if (Number.isNaN(pid) || opened.has(path) || (pid !== process.pid && isRunning(pid))) continue;
		await rm(path, { recursive: true, force: true });
		log.info("workspace.cleaned", { name });
	}
	const folder = await mkdtemp(join(root, `run-${process.pid}-`));
	opened.add(folder);
	return folder;
}

function isRunning(pid: number): boolean {
	try {
		process.kill(pid, 0);
		return true;
	} catch (error) {
		// EPERM: it runs, as somebody else.
		return error instanceof Error && "code" in error && error.code === "EPERM";
	}
}
