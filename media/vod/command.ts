import { type ChildProcess, execFile, spawn } from "node:child_process";
import { Readable } from "node:stream";
import { promisify } from "node:util";
import { CommandError } from "./failure.ts";

/** Takes all that a pipe gives. While it waits, so does the command. */
export type Consumer = (pipe: AsyncIterable<Uint8Array>) => Promise<void>;

export type CommandOptions = {
	/** Program and arguments. */
	command: string[];
	/** Put before it: see `Confinement`. */
	confinement: Confinement;
	/** 0 to 19, nice(1). */
	niceness: number;
	memoryMegabytes: number;
	timeoutSeconds: number;
	signal: AbortSignal;
	/** For the file descriptors from 3 on. */
	outputs?: Consumer[];
	stdout?: Consumer;
	/** Each line of the standard error, as it comes. */
	onLine?: (line: string) => void;
};

const FIRST_OUTPUT = 3;
const STDERR_LINES = 40;
const MAX_LINE = 1000;

/**
 * How this machine can hold a command in check: an address-space cap by the shell's `ulimit -v` (setrlimit(2), RLIMIT_AS), death with its parent by
 * `setpriv --pdeathsig` (prctl(2), PR_SET_PDEATHSIG).
 */
export type Confinement = { hasMemoryCap: boolean; prefix: string[] };

export async function detectConfinement(): Promise<Confinement> {
	const works = async (file: string, args: string[]) => {
		try {
			await promisify(execFile)(file, args, { timeout: 5_000 });
			return true;
		} catch {
			// The tool is not there, or cannot do this here: the answer that was asked for.
			return false;
		}
	};
	const [hasMemoryCap, hasDeathSignal] = await Promise.all([
		works("sh", ["-c", "ulimit -v 1000000"]),
		works("setpriv", ["--pdeathsig", "KILL", "true"]),
	]);
	return {
		hasMemoryCap,
		prefix: hasDeathSignal ? ["setpriv", "--pdeathsig", "KILL"] : [],
	};
}

/**
 * Runs a command in a process group of its own, which is killed as a whole when the time is over, when `signal` says so, or when a
 * consumer fails. Resolves when it ended with 0 and all pipes were consumed; otherwise throws the consumer's error, the signal's reason or a `CommandError`.
 */
export async function runCommand(options: CommandOptions): Promise<void> {
	options.signal.throwIfAborted();
	const outputs = options.outputs ?? [];
	const child = spawn("sh", shellArguments(options), {
		detached: true,
		stdio: [
			"ignore",
			options.stdout === undefined ? "ignore" : "pipe",
			"pipe",
			...outputs.map(() => "pipe" as const),
		],
		// Without it each thread reserves 64 MB of addresses, which the cap would count.
		env: { PATH: process.env["PATH"], MALLOC_ARENA_MAX: "2", LC_ALL: "C", AV_LOG_FORCE_NOCOLOR: "1" },
	});
	let isKilled = false;
	const kill = () => {
		isKilled = true;
		killGroup(child);
	};
	const stderr = collectLines(child, options.onLine);
	let isLate = false;
	const timer = setTimeout(() => {
		isLate = true;
		kill();
	}, options.timeoutSeconds * 1000);
	options.signal.addEventListener("abort", kill);
	try {
		const consumers = [
			...(options.stdout === undefined ? [] : [consume(child, 1, options.stdout)]),
			...outputs.map((consumer, index) => consume(child, FIRST_OUTPUT + index, consumer)),
		];
		const [ended, ...consumed] = await Promise.allSettled([
			ending(child),
			...consumers.map((one) => one.catch(killing(kill))),
		]);
		options.signal.throwIfAborted();
		if (isLate)
			throw commandError(options, "timeout", `took longer than ${options.timeoutSeconds} s`, stderr);
		if (ended.status === "rejected") throw commandError(options, "start", String(ended.reason), stderr);
		const { code, signal } = ended.value;
		// A consumer also fails because the command did: then the command's own words say more.
		const failed = consumed.find((one) => one.status === "rejected");
		if (failed !== undefined && (isKilled || code === 0)) throw failed.reason;
		if (signal !== null) throw commandError(options, "signal", `was killed by ${signal}`, stderr);
		if (code !== 0) throw commandError(options, "exit", `ended with ${code}`, stderr);
	} finally {
		clearTimeout(timer);
		options.signal.removeEventListener("abort", kill);
		if (child.exitCode === null && child.signalCode === null) kill();
	}
}

function shellArguments({ command, confinement, niceness, memoryMegabytes }: CommandOptions): string[] {
	const cap = confinement.hasMemoryCap ? `ulimit -v ${Math.round(memoryMegabytes * 1024)} && ` : "";
	return [
		"-c",
		`${cap}ulimit -c 0 && exec "$@"`,
		"sh",
		...confinement.prefix,
		"nice",
		"-n",
		String(niceness),
		...command,
	];
}

async function consume(child: ChildProcess, descriptor: number, consumer: Consumer): Promise<void> {
	const pipe = child.stdio[descriptor];
	if (!(pipe instanceof Readable)) throw new Error(`no pipe ${descriptor}`);
	await consumer(pipe);
}

/** A consumer that failed takes nothing more: the command could only wait. */
function killing(kill: () => void): (error: unknown) => never {
	return (error) => {
		kill();
		throw error;
	};
}

async function ending(child: ChildProcess): Promise<{ code: number | null; signal: string | null }> {
	return await new Promise((resolve, reject) => {
		child.on("error", reject);
		// After all pipes are at their end.
		child.on("close", (code, signal) => resolve({ code, signal }));
	});
}

/** The group bears the number of its first process. */
function killGroup(child: ChildProcess): void {
	if (child.pid === undefined) return;
	try {
		process.kill(-child.pid, "SIGKILL");
	} catch (error) {
		// ESRCH: all of it has ended.
		if (!(error instanceof Error && "code" in error && error.code === "ESRCH")) throw error;
	}
}

function collectLines(child: ChildProcess, onLine: ((line: string) => void) | undefined): string[] {
	const lines: string[] = [];
	let rest = "";
	child.stderr?.setEncoding("utf8").on("data", (text: string) => {
		const pieces = (rest + text).split(/[\r\n]+/);
		rest = (pieces.pop() ?? "").slice(-MAX_LINE);
		for (const piece of pieces) {
			if (piece === "") continue;
			const line = piece.slice(0, MAX_LINE);
			onLine?.(line);
			lines.push(line);
			if (lines.length > STDERR_LINES) lines.shift();
		}
	});
	return lines;
}

function commandError(
	{ command }: CommandOptions,
	outcome: CommandError["outcome"],
	what: string,
	stderr: string[],
): CommandError {
	return new CommandError(`${command[0]} ${what}`, { outcome, stderr: stderr.join("\n").slice(-4000) });
}
