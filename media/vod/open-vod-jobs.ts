import { rm } from "node:fs/promises";
import { log } from "../../adapters/log.ts";
import { detectConfinement } from "./command.ts";
import { SourceCache } from "./source-cache.ts";
import { VodJobs } from "./vod-jobs.ts";
import { openWorkspace } from "./workspace.ts";

export type VodSettings = {
	maxJobs: number;
	preset: string;
	folder: string;
	maxSourceBytes: number;
	ffmpegPath: string;
	ffprobePath: string;
	worker: string;
};

/** What a platform gives a program that it stops is seconds; the reports need a fraction of one. */
const CLOSE_MS = 3_000;

/** Everything for video on demand: clears what killed programs left, and is closed with all its temporary files. */
export async function openVodJobs(
	settings: VodSettings,
): Promise<{ jobs: VodJobs; close: () => Promise<void> }> {
	const { maxJobs, maxSourceBytes, folder: root, ...tools } = settings;
	const [folder, confinement] = await Promise.all([openWorkspace(root), detectConfinement()]);
	if (!confinement.hasMemoryCap)
		log.warn("vod.uncapped", { reason: "this system cannot limit a command's memory" });
	const sources = new SourceCache(folder, { maxBytes: maxSourceBytes });
	const jobs = new VodJobs({ ...tools, sources, folder, confinement }, { maxJobs });
	return {
		jobs,
		close: async () => {
			await jobs.close(CLOSE_MS);
			await rm(folder, { recursive: true, force: true });
		},
	};
}
