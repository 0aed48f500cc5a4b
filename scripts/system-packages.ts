import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";

/** Programs that are not on npm, and the Debian package that brings each. */
const PACKAGES: Record<string, string> = {
	ffmpeg: "ffmpeg",
	turnserver: "coturn",
	chromium: "chromium",
	ip: "iproute2",
	tc: "iproute2",
	nft: "nftables",
};

/**
 * Makes sure that the programs are there. On Debian or Ubuntu as root it installs what is missing;
 * elsewhere it says which command does. Returns the programs that are still missing.
 */
export function ensurePrograms(programs: string[]): string[] {
	const missing = programs.filter((program) => !isInstalled(program));
	if (missing.length === 0) return [];
	const packages = [...new Set(missing.map((program) => PACKAGES[program] ?? program))];
	const canInstall = existsSync("/usr/bin/apt-get") && process.getuid?.() === 0;
	if (!canInstall) {
		console.error(`Missing: ${missing.join(", ")}. This installs it:\n\n  ${advice(packages)}\n`);
		return missing;
	}
	console.log(`Installing ${packages.join(", ")} by apt …`);
	run("apt-get", ["update", "-qq"]);
	run("apt-get", ["install", "-y", "-qq", "--no-install-recommends", ...packages]);
	return programs.filter((program) => !isInstalled(program));
}

function isInstalled(program: string): boolean {
	return (process.env.PATH ?? "")
		.split(":")
		.concat("/usr/bin", "/usr/sbin")
		.some((folder) => existsSync(`${folder}/${program}`));
}

function advice(packages: string[]): string {
	if (process.platform === "darwin") return `brew install ${packages.join(" ")}`;
	return `sudo apt-get update && sudo apt-get install -y --no-install-recommends ${packages.join(" ")}`;
}

function run(command: string, args: string[]): void {
	const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
	const { status, stderr } = spawnSync(command, args, {
		env,
		stdio: ["ignore", "ignore", "pipe"],
		encoding: "utf8",
	});
	if (status !== 0) console.error(`${command} ${args[0]} failed:\n${stderr}`);
}
