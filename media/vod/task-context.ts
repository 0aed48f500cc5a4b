import type { VodJob, VodOutput } from "../../protocol/vod-job.ts";
import type { Consumer } from "./command.ts";
import type { ObjectClient } from "./object-client.ts";
import type { LocalSource } from "./source-cache.ts";

export type ToolRun = {
	tool: "ffmpeg" | "ffprobe";
	args: string[];
	outputs?: Consumer[];
	stdout?: Consumer;
	onLine?: (line: string) => void;
	/** Less than the job's own. */
	timeoutSeconds?: number;
};

/** What a task works with. */
export type TaskContext = {
	job: VodJob;
	client: ObjectClient;
	/** x264's and x265's `-preset`. */
	preset: string;
	/** A folder of the task's own, removed after it. */
	folder: string;
	signal: AbortSignal;
	/** The source as a local file. */
	source: () => Promise<LocalSource>;
	/** Runs a tool within the job's limits. Throws a `CommandError`. */
	run: (run: ToolRun) => Promise<void>;
	/** Tells the pipeline how far it is, at the next report. */
	progress: (share: number) => void;
	/** Something more is stored; `outputs` says what there is at the time of the next report. */
	stored: (outputs: () => VodOutput[]) => void;
};
