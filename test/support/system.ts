import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { fileURLToPath } from "node:url";
import type { Endpoint, EndpointInput, EndpointReply } from "../../protocol/endpoint.ts";
import { Problem } from "../../protocol/errors.ts";
import type { NetworkHost } from "./network-host.ts";

const PROJECT = fileURLToPath(new URL("../..", import.meta.url));
const READY_MS = 90_000;

/** The whole product, started as `npm start` does it, with data of its own. */
export class System implements AsyncDisposable {
	readonly url: string;
	readonly output: string[] = [];
	readonly #child: ChildProcess;
	readonly #stateDir: string;

	private constructor(child: ChildProcess, url: string, stateDir: string) {
		this.#child = child;
		this.url = url;
		this.#stateDir = stateDir;
	}

	/** `port` must be free, and the next ten too. The web client must have been built. On this machine, unless a host of a `Network` is named. */
	static async start(port: number, env: Record<string, string> = {}, host?: NetworkHost): Promise<System> {
		const stateDir = env.STATE_DIR ?? mkdtempSync(`${tmpdir()}/rostrum-`);
		const address = host?.address ?? "127.0.0.1";
		const [program = "", ...args] = [
			...(host?.commandPrefix ?? []),
			process.execPath,
			`${PROJECT}scripts/start.ts`,
		];
		const settings = { ROSTRUM_SKIP_WEB_BUILD: "1", HOST: address, PORT: String(port), STATE_DIR: stateDir };
		const child = spawn(program, args, {
			cwd: PROJECT,
			env: { ...process.env, ...settings, ...env },
			stdio: ["ignore", "pipe", "pipe", "ipc"],
		});
		const system = new System(child, `http://${address}:${port}`, stateDir);
		for (const stream of [child.stdout, child.stderr]) {
			stream?.setEncoding("utf8").on("data", (text: string) => system.output.push(text));
		}
		await new Promise<void>((resolve, reject) => {
			const timer = setTimeout(() => reject(new Error(`not ready:\n${system.output.join("")}`)), READY_MS);
			child.once("message", () => {
				clearTimeout(timer);
				resolve();
			});
			child.once("exit", (code) => reject(new Error(`ended with ${code}:\n${system.output.join("")}`)));
		});
		return system;
	}

	/** kill -9 of the process below us whose command line has this text. Returns how many there were. */
	kill(commandText: string): number {
		const victims = this.#descendants().filter((pid) => commandLine(pid).includes(commandText));
		for (const pid of victims) process.kill(pid, "SIGKILL");
		return victims.length;
	}

	/** kill -9 of `npm start` itself; what it started is left behind. Returns where its data is. */
	async crash(): Promise<string> {
		const isGone = new Promise((resolve) => this.#child.once("exit", resolve));
		this.#child.kill("SIGKILL");
		await isGone;
		return this.#stateDir;
	}

	async [Symbol.asyncDispose](): Promise<void> {
		const isGone = new Promise((resolve) => this.#child.once("exit", resolve));
		this.#child.kill("SIGTERM");
		await isGone;
		rmSync(this.#stateDir, { recursive: true, force: true });
	}

	#descendants(): number[] {
		const parents = new Map(processes().map((pid) => [pid, parentOf(pid)]));
		const isBelow = (pid: number): boolean => {
			const parent = parents.get(pid);
			return parent !== undefined && (parent === this.#child.pid || isBelow(parent));
		};
		return [...parents.keys()].filter(isBelow);
	}
}

/** Command lines of all processes on this machine that have this text, whoever started them. */
export function findCommands(text: string): string[] {
	return processes()
		.map(commandLine)
		.filter((command) => command.includes(text));
}

function processes(): number[] {
	return readdirSync("/proc")
		.filter((name) => /^\d+$/.test(name))
		.map(Number);
}

function commandLine(pid: number): string {
	try {
		return readFileSync(`/proc/${pid}/cmdline`, "utf8").replaceAll("\0", " ");
	} catch {
		// It ended meanwhile.
		return "";
	}
}

function parentOf(pid: number): number {
	try {
		const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
		return Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[1]);
	} catch {
		// It ended meanwhile.
		return 0;
	}
}

/** Somebody who speaks the API: typed calls by the endpoint table. */
export class Caller {
	readonly #url: string;
	token: string | undefined;

	constructor(url: string) {
		this.#url = url;
	}

	/** Throws an Error that names the problem's code if the call fails. */
	async call<E extends Endpoint>(endpoint: E, input: EndpointInput<E>): Promise<EndpointReply<E>> {
		const { params, query, body }: { params?: unknown; query?: unknown; body?: unknown } = input;
		const path = endpoint.path.replace(/:([A-Za-z]+)/g, (_, name: string) =>
			encodeURIComponent(String(new Map(Object.entries(params ?? {})).get(name))),
		);
		const search = new URLSearchParams(
			Object.entries(query ?? {}).map(([name, value]) => [name, String(value)]),
		);
		const reply = await fetch(`${this.#url}${path}?${search}`, {
			method: endpoint.method,
			headers: {
				...(this.token === undefined ? {} : { authorization: `Bearer ${this.token}` }),
				...(body === undefined ? {} : { "content-type": "application/json" }),
			},
			...(body === undefined ? {} : { body: JSON.stringify(body) }),
		});
		if (!reply.ok) {
			const problem = Problem.parse(await reply.json());
			throw new Error(`${endpoint.operationID}: ${problem.status} ${problem.code}: ${problem.detail}`);
		}
		// The schema of this very endpoint has checked it.
		return (endpoint.reply ? endpoint.reply.parse(await reply.json()) : undefined) as EndpointReply<E>;
	}
}

/** Asks again and again until the answer is something; throws what was last wrong when time is up. */
export async function eventually<T>(
	ask: () => Promise<T | null | undefined | false>,
	withinMs: number,
): Promise<T> {
	const until = performance.now() + withinMs;
	let last: unknown = new Error("it did not come to be");
	while (performance.now() < until) {
		try {
			const answer = await ask();
			if (answer !== null && answer !== undefined && answer !== false) return answer;
		} catch (error) {
			last = error;
		}
		await new Promise((resolve) => setTimeout(resolve, 200));
	}
	throw last;
}
