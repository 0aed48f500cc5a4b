import type { Browser } from "playwright-core";
import { CHROMIUM_PATH, launchChromium } from "./chromium.ts";
import { runCommand } from "./command.ts";

export type NetworkHostOptions = {
	name: string;
	namespace: string;
	switchNamespace: string;
	/** Its first three numbers. */
	subnet: string;
	address: string;
	/** Where the script lies that starts Chromium on this host. */
	chromiumFile: string;
};

/** One host of a `Network`. */
export class NetworkHost {
	readonly #options: NetworkHostOptions;
	#address: string;

	constructor(options: NetworkHostOptions) {
		this.#options = options;
		this.#address = options.address;
	}

	get name(): string {
		return this.#options.name;
	}

	/** IPv4. */
	get address(): string {
		return this.#address;
	}

	/** What a command line must begin with to run on this host. */
	get commandPrefix(): readonly string[] {
		return ["ip", "netns", "exec", this.#options.namespace];
	}

	get chromiumFile(): string {
		return this.#options.chromiumFile;
	}

	/** Contents of `chromiumFile`. */
	get chromiumScript(): string {
		return `#!/bin/sh\nexec ${this.commandPrefix.join(" ")} ${CHROMIUM_PATH} "$@"\n`;
	}

	/** Runs a program here to its end; returns what it printed. */
	async run(program: string, ...args: string[]): Promise<string> {
		const [first = "", ...rest] = this.commandPrefix;
		return await runCommand(first, [...rest, program, ...args]);
	}

	/** Chromium on this host, which trusts these origins although they are not https, and any certificate. It shows its addresses to peers. */
	async launchChromium(trustedOrigins: readonly string[] = []): Promise<Browser> {
		const trust = `--unsafely-treat-insecure-origin-as-secure=${trustedOrigins.join(",")}`;
		return await launchChromium(
			[
				"--ignore-certificate-errors",
				"--disable-features=WebRtcHideLocalIpsWithMdns",
				...(trustedOrigins.length === 0 ? [] : [trust]),
			],
			this.chromiumFile,
		);
	}

	/**
	 * Narrows the line to this host (`down`) and from it (`up`), in kilobits per second; what is not named gets wide again. What does not fit
	 * waits up to 200 ms, as in a home router, then is lost.
	 */
	async limit({ downKbps, upKbps }: { downKbps?: number; upKbps?: number }): Promise<void> {
		const { namespace, switchNamespace, name } = this.#options;
		await shape(switchNamespace, name, downKbps);
		await shape(namespace, "eth0", upKbps);
	}

	/** As when a phone leaves the house: the address is gone, connections with it, and there is a new one. */
	async changeAddress(): Promise<string> {
		const { namespace, subnet } = this.#options;
		const last = Number(this.#address.split(".").at(-1));
		// Hosts begin with the numbers from 1 on; the next ten are for their first change, and so on.
		this.#address = `${subnet}.${last + 10}`;
		await runCommand(
			"ip",
			["-n", namespace, "-batch", "-"],
			["addr flush dev eth0", `addr add ${this.#address}/24 dev eth0`, `route add default via ${subnet}.253`],
		);
		return this.#address;
	}
}

const WAITS = ["burst", "8kb", "latency", "200ms"];

async function shape(namespace: string, link: string, kbps: number | undefined): Promise<void> {
	const device = ["-n", namespace, "qdisc"];
	if (kbps !== undefined) {
		await runCommand("tc", [
			...device,
			"replace",
			"dev",
			link,
			"root",
			"tbf",
			"rate",
			`${kbps}kbit`,
			...WAITS,
		]);
		return;
	}
	const present = await runCommand("tc", [...device, "show", "dev", link]);
	if (present.includes("tbf")) await runCommand("tc", [...device, "del", "dev", link, "root"]);
}
