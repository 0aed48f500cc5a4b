import { existsSync, readFileSync } from "node:fs";
import { isIPv4 } from "node:net";
import { fileURLToPath } from "node:url";
import { parseEnv } from "node:util";
import * as z from "zod";
import { SETTING_NAMES } from "../adapters/config.ts";

export const PROJECT = fileURLToPath(new URL("..", import.meta.url));

const Settings = z.object({
	PORT: z.coerce.number().int().min(1).max(65_520).default(8787),
	/** Address to listen at; `0.0.0.0` for all. Anything but loopback opens the system to other machines. */
	HOST: z.string().default("127.0.0.1"),
	/**
	 * Addresses, separated by commas, at which browsers reach the SFU and TURN stand-ins. By default HOST if it names one that others
	 * can reach, else loopback and the machine's first other one.
	 */
	LOCAL_ADDRESSES: z.string().optional(),
	/** Where the platform keeps its data; the default is what wrangler uses too. */
	STATE_DIR: z.string().default(`${PROJECT}.wrangler/state`),
	REALTIME_APP_ID: z.string().optional(),
	REALTIME_APP_SECRET: z.string().optional(),
});

const EVERYWHERE = "0.0.0.0";

export interface StartSettings {
	host: string;
	port: number;
	stateDir: string;
	/** Ports of the parts, counted from the main one so that two systems can run side by side. */
	ports: { sfu: number; sfuMedia: number; media: number; turn: number; turnTls: number };
	/** Address at which the parts reach the Worker. */
	innerHost: string;
	/** For `LOCAL_ADDRESSES` of the stand-in; undefined leaves it to find them. */
	addresses: string | undefined;
	/** True if `.dev.vars` or the environment names a Cloudflare Realtime app: then nothing stands in for it. */
	hasRealtime: boolean;
	/** What the Worker is given besides its configuration. */
	vars: Record<string, string>;
	isDev: boolean;
}

/** Reads `.dev.vars` and the environment, which wins, once. */
export function readSettings(): StartSettings {
	const file = `${PROJECT}.dev.vars`;
	const vars: Record<string, string> = {};
	if (existsSync(file)) {
		for (const [name, value] of Object.entries(parseEnv(readFileSync(file, "utf8")))) {
			if (value !== undefined && value !== "") vars[name] = value;
		}
	}
	for (const name of SETTING_NAMES) {
		const value = process.env[name];
		if (value !== undefined && value !== "") vars[name] = value;
	}
	const settings = Settings.parse({ ...vars, ...process.env });
	const { PORT: port, HOST: host } = settings;
	return {
		host,
		port,
		stateDir: settings.STATE_DIR,
		ports: {
			sfu: port + 3,
			sfuMedia: port + 4,
			media: port + 5,
			turn: port + 6,
			turnTls: port + 7,
		},
		innerHost: host === EVERYWHERE ? "127.0.0.1" : host,
		addresses: settings.LOCAL_ADDRESSES ?? (isOneOfMany(host) ? host : undefined),
		hasRealtime: settings.REALTIME_APP_ID !== undefined && settings.REALTIME_APP_SECRET !== undefined,
		vars,
		isDev: process.argv.includes("--dev"),
	};
}

/** True for an address of this machine that other machines can reach. */
function isOneOfMany(host: string): boolean {
	return isIPv4(host) && host !== EVERYWHERE && !host.startsWith("127.");
}
