import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { resolve } from "node:path";
import { log } from "../log.ts";
import { cancelSessions } from "./coturn-console.ts";
import { ensureTlsIdentity } from "./tls-identity.ts";
import { TURN_REALM } from "./users.ts";

export type CoturnOptions = {
	/** Name or path of the program. */
	program: string;
	/** UDP and TCP. */
	port: number;
	/** TLS over TCP. */
	tlsPort: number;
	/** Addresses to listen on; the last one, which others can reach, is also relayed from. */
	addresses: readonly string[];
	/** `50000-50999` */
	relayPorts: string;
	directory: string;
	databaseFile: string;
	consolePassword: string;
};

/** True if the program can be run. */
export function isCoturnInstalled(program: string): boolean {
	return spawnSync(program, ["--version"], { stdio: "ignore" }).error === undefined;
}

/** coturn as a child process: started, watched, restarted when it dies, and ended with us. */
export class Coturn {
	readonly #options: CoturnOptions;
	readonly #pidFile: string;
	readonly #configFile: string;
	#child: ChildProcess | null = null;
	#consolePort = 0;
	#restartTimer: NodeJS.Timeout | null = null;
	#isStopping = false;

	constructor(options: CoturnOptions) {
		this.#options = options;
		this.#pidFile = resolve(options.directory, "coturn.pid");
		this.#configFile = resolve(options.directory, "coturn.conf");
	}

	/** Ends what a killed predecessor left behind, then starts and waits until clients are served. */
	async start(): Promise<void> {
		mkdirSync(this.#options.directory, { recursive: true });
		await this.#reap();
		this.#consolePort = await freePort();
		writeFileSync(this.#configFile, this.#configuration(), { mode: 0o600 });
		await this.#spawn();
	}

	/** Ends the running sessions of a user whose credential is gone. */
	async disconnect(username: string): Promise<number> {
		if (this.#child === null) return 0;
		return await cancelSessions(
			{ port: this.#consolePort, password: this.#options.consolePassword },
			username,
		);
	}

	async stop(): Promise<void> {
		this.#isStopping = true;
		if (this.#restartTimer !== null) clearTimeout(this.#restartTimer);
		const child = this.#child;
		if (child === null) return;
		const ended = new Promise((done) => child.once("exit", done));
		child.kill("SIGTERM");
		const timer = setTimeout(() => child.kill("SIGKILL"), STOP_WITHIN_MS);
		await ended;
		clearTimeout(timer);
		rmSync(this.#pidFile, { force: true });
	}

	async #spawn(): Promise<void> {
		const [program = "", ...programArguments] = dyingWithUs([this.#options.program, "-c", this.#configFile]);
		const child = spawn(program, programArguments, { stdio: ["ignore", "pipe", "ignore"] });
		this.#child = child;
		child.on("error", (error) => log.error("coturn.failed", { error: error.message }));
		child.once("exit", (code, signal) => this.#exited(code, signal));
		if (child.pid !== undefined) writeFileSync(this.#pidFile, String(child.pid));
		const end = () => child.kill("SIGKILL");
		process.once("exit", end);
		child.once("exit", () => process.removeListener("exit", end));
		await new Promise<void>((ready) => {
			const timer = setTimeout(ready, READY_WITHIN_MS);
			const settle = () => {
				clearTimeout(timer);
				ready();
			};
			child.once("exit", settle);
			child.stdout?.on("data", (text) => {
				if (String(text).includes(READY_LINE)) settle();
			});
		});
	}

	#exited(code: number | null, signal: string | null): void {
		this.#child = null;
		if (this.#isStopping) return;
		log.warn("coturn.exited", { code, signal });
		this.#restartTimer = setTimeout(() => {
			this.#spawn().catch((error: unknown) => log.error("coturn.failed", { error: String(error) }));
		}, RESTART_AFTER_MS);
	}

	/** A pid alone proves nothing: it must still be running our configuration. */
	async #reap(): Promise<void> {
		if (!existsSync(this.#pidFile)) return;
		const pid = Number(readFileSync(this.#pidFile, "utf8"));
		rmSync(this.#pidFile, { force: true });
		if (!Number.isInteger(pid) || pid <= 1 || !this.#isOurs(pid)) return;
		process.kill(pid, "SIGKILL");
		log.info("coturn.reaped", { pid });
		for (let waited = 0; waited < STOP_WITHIN_MS && this.#isOurs(pid); waited += 20) {
			await new Promise((done) => setTimeout(done, 20));
		}
	}

	#isOurs(pid: number): boolean {
		const listed = spawnSync("ps", ["-o", "stat=,args=", "-p", String(pid)], { encoding: "utf8" });
		const line = listed.stdout ?? "";
		return line.includes(this.#configFile) && !line.startsWith("Z");
	}

	#configuration(): string {
		const { port, tlsPort, addresses, relayPorts, databaseFile, consolePassword } = this.#options;
		const { certificateFile, privateKeyFile } = ensureTlsIdentity(this.#options.directory, Date.now());
		const [firstPort, lastPort] = relayPorts.split("-");
		return [
			`listening-port=${port}`,
			`tls-listening-port=${tlsPort}`,
			`cert=${certificateFile}`,
			`pkey=${privateKeyFile}`,
			...addresses.map((address) => `listening-ip=${address}`),
			// One of them only: replies of a peer on this machine come from the address they go to, and must match the permission.
			`relay-ip=${addresses.at(-1)}`,
			`min-port=${firstPort}`,
			`max-port=${lastPort}`,
			`realm=${TURN_REALM}`,
			"lt-cred-mech",
			`userdb=${databaseFile}`,
			"fingerprint",
			"no-tlsv1",
			"no-tlsv1_1",
			"no-dtls",
			"no-software-attribute",
			"no-multicast-peers",
			// Would take the next port too.
			"no-rfc5780",
			// The SFU is on this machine: relaying to loopback is what this TURN server is for.
			"allow-loopback-peers",
			"cli-ip=127.0.0.1",
			`cli-port=${this.#consolePort}`,
			`cli-password=${consolePassword}`,
			"log-file=stdout",
			`pidfile=${resolve(this.#options.directory, "coturn.own.pid")}`,
			"",
		].join("\n");
	}
}

const READY_LINE = "SQLite DB connection success";
const READY_WITHIN_MS = 3_000;
const STOP_WITHIN_MS = 2_000;
const RESTART_AFTER_MS = 1_000;

/** Of util-linux, which every Debian has. */
const SETPRIV = "setpriv";

/** On Linux the kernel ends the program when we die, however we die; elsewhere the next start does. */
function dyingWithUs(command: readonly string[]): readonly string[] {
	const canBind = spawnSync(SETPRIV, ["--version"], { stdio: "ignore" }).status === 0;
	return canBind ? [SETPRIV, "--pdeathsig", "KILL", ...command] : command;
}

async function freePort(): Promise<number> {
	const server = createServer();
	await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
	const address = server.address();
	await new Promise((closed) => server.close(closed));
	if (address === null || typeof address === "string") throw new Error("no port was given");
	return address.port;
}
