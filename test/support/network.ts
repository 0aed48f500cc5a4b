import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { runCommand } from "./command.ts";
import { NetworkHost } from "./network-host.ts";

/** What a rule of the network drops: everything, unless narrowed. */
export type Traffic = {
	/** Names of hosts; by default any. */
	from?: string;
	to?: string;
	protocol?: "udp" | "tcp";
	/** Port it goes to. */
	toPort?: number;
	/** Ports it goes to are spared. */
	exceptToPorts?: readonly number[];
	/**
	 * RTP alone, by its own first bytes: version 2 and a payload type outside 64–95, which are RTCP's (RFC 5761 §4). STUN, DTLS, RTCP and what
	 * is wrapped for TURN goes through.
	 */
	isMediaOnly?: boolean;
	/** Of each hundred packets so many, by chance; by default all. */
	percent?: number;
};

/** A rule in force. `await using`, or lift it. */
export type NetworkRule = AsyncDisposable & {
	/** Packets dropped so far. */
	count: () => Promise<number>;
	lift: () => Promise<void>;
};

/**
 * Hosts on one machine: each a Linux network namespace with an address of its own, all at one switch that can drop what a rule says. The
 * test itself is at the switch too. Needs root; ask `whyNoNetwork` first. All of it is gone when it is disposed of, and what a killed
 * run left behind goes at the next start.
 */
export class Network implements AsyncDisposable {
	readonly #prefix: string;
	readonly #switch: string;
	readonly #subnet: string;
	readonly #directory: string;
	readonly #link: string;
	readonly #hosts = new Map<string, NetworkHost>();
	#ruleCount = 0;

	private constructor(prefix: string, { link, subnet }: { link: string; subnet: string }) {
		this.#link = link;
		this.#prefix = prefix;
		this.#directory = `${tmpdir()}/${prefix}network`;
		mkdirSync(this.#directory);
		this.#switch = `${prefix}switch`;
		this.#subnet = subnet;
	}

	/** Names of hosts are lower-case words of at most 12 letters. */
	static async create(names: readonly string[]): Promise<Network> {
		await removeLeftovers();
		networkCount += 1;
		const prefix = `${NAME}-${process.pid}-${networkCount}-`;
		const plug = await plugIn(`${prefix}switch`);
		const network = new Network(prefix, plug);
		try {
			await runCommand(IP, ["addr", "add", `${plug.subnet}.${TEST_ADDRESS}/24`, "dev", plug.link]);
			await runCommand(IP, ["link", "set", plug.link, "up"]);
			for (const name of names) await network.#addHost(name);
		} catch (error) {
			await network[Symbol.asyncDispose]();
			throw error;
		}
		return network;
	}

	host(name: string): NetworkHost {
		const host = this.#hosts.get(name);
		if (host === undefined) throw new Error(`no host ${name}`);
		return host;
	}

	/** The switch drops all of this from now on, silently: whoever sends it does not learn of it. */
	async drop(...traffic: readonly Traffic[]): Promise<NetworkRule> {
		this.#ruleCount += 1;
		const chain = `rule${this.#ruleCount}`;
		await this.#nft(
			`add chain bridge ${NAME} ${chain} { type filter hook forward priority 0; }`,
			...traffic.map((one) => `add rule bridge ${NAME} ${chain} ${this.#match(one)} counter drop`),
		);
		let isLifted = false;
		const lift = async () => {
			if (!isLifted) await this.#nft(`delete chain bridge ${NAME} ${chain}`);
			isLifted = true;
		};
		const count = async () => {
			const listed = await this.#nft(`list chain bridge ${NAME} ${chain}`);
			return [...listed.matchAll(/counter packets (\d+)/g)].reduce(
				(sum, [, packets]) => sum + Number(packets),
				0,
			);
		};
		return { count, lift, [Symbol.asyncDispose]: lift };
	}

	async [Symbol.asyncDispose](): Promise<void> {
		// Explicitly, since the kernel takes its time with what goes by itself.
		await runCommand(IP, ["link", "del", this.#link]);
		await removeNamespaces((name) => name.startsWith(this.#prefix));
		rmSync(this.#directory, { recursive: true, force: true });
	}

	async #addHost(name: string): Promise<void> {
		const namespace = `${this.#prefix}${name}`;
		const address = `${this.#subnet}.${this.#hosts.size + 1}`;
		await addNamespace(namespace);
		await runCommand(
			"ip",
			["-n", this.#switch, "-batch", "-"],
			[
				`link add name ${name} type veth peer name eth0 netns ${namespace}`,
				`link set dev ${name} master switch up`,
			],
		);
		await runCommand(
			"ip",
			["-n", namespace, "-batch", "-"],
			[
				`addr add ${address}/24 dev eth0`,
				"link set eth0 up",
				`route add default via ${this.#subnet}.${SWITCH_ADDRESS}`,
			],
		);
		const host = new NetworkHost({
			name,
			namespace,
			switchNamespace: this.#switch,
			subnet: this.#subnet,
			address,
			chromiumFile: `${this.#directory}/chromium-${name}`,
		});
		writeFileSync(host.chromiumFile, host.chromiumScript, { mode: 0o755 });
		this.#hosts.set(name, host);
	}

	#match(traffic: Traffic): string {
		const { from, to, protocol, toPort, exceptToPorts, isMediaOnly, percent } = traffic;
		const transport = isMediaOnly || toPort !== undefined || exceptToPorts !== undefined;
		if (transport && protocol === undefined && !isMediaOnly) throw new Error("ports need a protocol");
		return [
			from === undefined ? "" : `iifname "${this.host(from).name}"`,
			to === undefined ? "" : `oifname "${this.host(to).name}"`,
			protocol === undefined && !isMediaOnly ? "" : `ip protocol ${protocol ?? "udp"}`,
			toPort === undefined ? "" : `${protocol} dport ${toPort}`,
			exceptToPorts === undefined ? "" : `${protocol} dport != { ${exceptToPorts.join(", ")} }`,
			isMediaOnly ? "@th,64,2 2 @th,73,7 != 64-95" : "",
			percent === undefined ? "" : `numgen random mod 100 < ${percent}`,
		].join(" ");
	}

	async #nft(...lines: string[]): Promise<string> {
		return await runCommand(IP, ["netns", "exec", this.#switch, "nft", "-f", "-"], lines);
	}
}

/** Why this machine has no networks to offer, in a sentence; null if it has. */
export function whyNoNetwork(): string | null {
	if (process.platform !== "linux") return "network namespaces are Linux's";
	if (process.getuid?.() !== 0) return "network namespaces need root";
	for (const [program, packageName] of Object.entries(PACKAGES)) {
		if (!isInstalled(program)) return `${program} is missing: apt install ${packageName}`;
	}
	const name = `${NAME}-${process.pid}-0-probe`;
	const isAllowed = ["netns add NAME", "netns exec NAME nft add table bridge probe"].every(
		(command) => spawnSync(IP, command.replace("NAME", name).split(" "), { stdio: "ignore" }).status === 0,
	);
	spawnSync(IP, ["netns", "del", name], { stdio: "ignore" });
	return isAllowed
		? null
		: "this machine forbids network namespaces, or its kernel has no nftables for bridges";
}

const NAME = "rostrum";
/** Of iproute2. */
const IP = "ip";
const PACKAGES = { ip: "iproute2", tc: "iproute2", nft: "nftables" };
/** Last numbers of the addresses of the switch and of the test itself. */
const SWITCH_ADDRESS = 253;
const TEST_ADDRESS = 254;
/** Subnets are 10.213.n.0/24, a range that few use. */
const SUBNETS = "10.213";
const MAX_SUBNETS = 200;
let networkCount = 0;

/** A switch in a namespace of its own, where no firewall of the machine's sees its traffic, and a cable from there to the test. */
async function plugIn(namespace: string): Promise<{ link: string; subnet: string }> {
	await addNamespace(namespace);
	for (let number = 1; number <= MAX_SUBNETS; number += 1) {
		const link = `${NAME}${number}`;
		// Whoever makes the link has the number.
		if (existsSync(`/sys/class/net/${link}`)) continue;
		const subnet = `${SUBNETS}.${number}`;
		try {
			await runCommand(IP, ["link", "add", link, "type", "veth", "peer", "name", "test", "netns", namespace]);
		} catch (error) {
			if (existsSync(`/sys/class/net/${link}`)) continue;
			throw error;
		}
		await runCommand(
			"ip",
			["-n", namespace, "-batch", "-"],
			[
				"link add switch type bridge forward_delay 0",
				`addr add ${subnet}.${SWITCH_ADDRESS}/24 dev switch`,
				"link set switch up",
				"link set test master switch up",
			],
		);
		await runCommand(IP, ["netns", "exec", namespace, "nft", "add", "table", "bridge", NAME]);
		return { link, subnet };
	}
	throw new Error("no subnet is free");
}

/** Without IPv6, so that there is one way from each to each. */
async function addNamespace(namespace: string): Promise<void> {
	await runCommand(IP, ["netns", "add", namespace]);
	const settings = "echo 1 >/proc/sys/net/ipv6/conf/all/disable_ipv6; echo 0 >/proc/sys/net/ipv4/ip_forward";
	await runCommand(IP, ["netns", "exec", namespace, "sh", "-c", settings]);
	await runCommand(IP, ["-n", namespace, "link", "set", "lo", "up"]);
}

/** Those of runs that are no more. */
async function removeLeftovers(): Promise<void> {
	const isAbandoned = (name: string) => {
		const pid = new RegExp(`^${NAME}-(\\d+)-.*`).exec(name)?.[1];
		return pid !== undefined && !existsSync(`/proc/${pid}`);
	};
	await removeNamespaces(isAbandoned);
	for (const name of readdirSync(tmpdir()).filter((one) => one.endsWith("-network") && isAbandoned(one))) {
		rmSync(`${tmpdir()}/${name}`, { recursive: true, force: true });
	}
}

/** With the programs that still run in them; cables end with their namespaces. */
async function removeNamespaces(isMeant: (name: string) => boolean): Promise<void> {
	const listed = await runCommand(IP, ["netns", "list"]);
	for (const [name = ""] of listed.split("\n").map((line) => line.split(" "))) {
		if (name === "" || !isMeant(name)) continue;
		for (const pid of (await runCommand(IP, ["netns", "pids", name])).split("\n").filter(Boolean)) {
			killQuietly(Number(pid));
		}
		await runCommand(IP, ["netns", "del", name]);
	}
}

function killQuietly(pid: number): void {
	try {
		process.kill(pid, "SIGKILL");
	} catch {
		// It has ended by itself.
	}
}

function isInstalled(program: string): boolean {
	return ["/usr/sbin", "/usr/bin", "/sbin", "/bin"].some((folder) => existsSync(`${folder}/${program}`));
}
