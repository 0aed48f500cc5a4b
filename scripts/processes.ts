import { type ChildProcess, spawn } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { PROJECT } from "./settings.ts";

const RESTART_MS = 300;
/** A child that is asked to stop gets this time to put its house in order. */
const STOP_MS = 4000;

/** Keeps a Node program of ours running: starts it again when it dies, until `stop`. */
export class Supervised {
	readonly #name: string;
	readonly #entry: string;
	readonly #env: Record<string, string>;
	#child: ChildProcess | undefined;
	#isStopping = false;

	constructor(program: { name: string; entry: string; env: Record<string, string> }) {
		this.#name = program.name;
		this.#entry = program.entry;
		this.#env = program.env;
		this.#start();
	}

	get pid(): number | undefined {
		return this.#child?.pid;
	}

	async stop(): Promise<void> {
		this.#isStopping = true;
		const child = this.#child;
		if (!child || child.exitCode !== null || child.signalCode !== null) return;
		const isGone = new Promise((resolve) => child.once("exit", resolve));
		child.kill("SIGTERM");
		const timer = setTimeout(() => child.kill("SIGKILL"), STOP_MS);
		await isGone;
		clearTimeout(timer);
	}

	#start(): void {
		const child = spawn(process.execPath, [`${PROJECT}${this.#entry}`], {
			cwd: PROJECT,
			env: { ...process.env, ...this.#env },
			stdio: ["ignore", "inherit", "inherit", "ipc"],
		});
		this.#child = child;
		child.once("exit", (code, signal) => {
			if (this.#isStopping) return;
			console.error(`${this.#name} ended (${signal ?? code}); starting it again`);
			setTimeout(() => this.#isStopping || this.#start(), RESTART_MS);
		});
	}
}

/**
 * Remembers this system's processes on disk, so that the next start can clear away what a kill -9 left behind:
 * workerd survives its parent and keeps the port (cloudflare/workers-sdk#9116).
 */
export class ProcessLedger {
	readonly #file: string;
	#written = "";
	#timer: NodeJS.Timeout | undefined;

	constructor(file: string) {
		this.#file = file;
		mkdirSync(dirname(file), { recursive: true });
	}

	/** Kills what the last run left. A process counts only if it is the same one: pid and start time agree. */
	reap(): void {
		for (const line of readLines(this.#file)) {
			const [pid = "", startedAt = ""] = line.split(" ");
			if (startedAt === "" || startTime(Number(pid)) !== startedAt) continue;
			console.log(`clearing away process ${pid} of an earlier run`);
			process.kill(Number(pid), "SIGKILL");
		}
	}

	/** Writes the list down, now and whenever it changes. */
	watch(): void {
		const write = () => {
			const lines = descendants(process.pid).map((pid) => `${pid} ${startTime(pid)}`);
			const text = lines.join("\n");
			if (text !== this.#written) writeFileSync(this.#file, text);
			this.#written = text;
		};
		write();
		this.#timer = setInterval(write, 500);
		this.#timer.unref();
	}

	close(): void {
		clearInterval(this.#timer);
		writeFileSync(this.#file, "");
	}
}

function readLines(file: string): string[] {
	try {
		return readFileSync(file, "utf8").split("\n").filter(Boolean);
	} catch {
		// No earlier run.
		return [];
	}
}

/** Clock ticks since boot at which the process began: proc(5), field 22. Undefined if it is gone or there is no /proc. */
function startTime(pid: number): string | undefined {
	return readStat(pid)?.[19];
}

/** Fields of /proc/{pid}/stat from the third on; the second, in brackets, may hold anything. */
function readStat(pid: number): string[] | undefined {
	try {
		const text = readFileSync(`/proc/${pid}/stat`, "utf8");
		return text.slice(text.lastIndexOf(")") + 2).split(" ");
	} catch {
		// It is gone, or this is no Linux.
		return undefined;
	}
}

function descendants(root: number): number[] {
	const parents = new Map<number, number>();
	for (const name of listProc()) {
		const parent = readStat(Number(name))?.[1];
		if (parent !== undefined) parents.set(Number(name), Number(parent));
	}
	const isBelow = (pid: number): boolean => {
		const parent = parents.get(pid);
		return parent !== undefined && (parent === root || isBelow(parent));
	};
	return [...parents.keys()].filter(isBelow);
}

function listProc(): string[] {
	try {
		return readdirSync("/proc").filter((name) => /^\d+$/.test(name));
	} catch {
		// No Linux: nothing is remembered.
		return [];
	}
}
