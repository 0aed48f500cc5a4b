import { randomBytes } from "node:crypto";
import { networkInterfaces } from "node:os";
import * as z from "zod";

const port = z.coerce.number().int().min(0).max(65_535);
const milliseconds = z.coerce.number().int().min(1);
const list = z.string().transform((text) => text.split(",").filter((item) => item !== ""));

const Settings = z.object({
	/** Address of the HTTP servers. The API's bearer secret is all that protects it: think before opening it to a network. */
	LOCAL_HOST: z.string().default("127.0.0.1"),
	LOCAL_REALTIME_PORT: port.default(8790),
	/** UDP port of all WebRTC sessions. */
	LOCAL_MEDIA_PORT: port.default(8791),
	/** UDP port of sessions after an ICE restart, and of clients that come through TURN; 0 takes any free one. */
	LOCAL_RESTART_PORT: port.default(0),
	/** Addresses in candidates and TURN URLs; by default loopback and this machine's first other IPv4 address. */
	LOCAL_ADDRESSES: list.optional(),
	LOCAL_APP_ID: z.string().min(1).default("rostrum-local"),
	LOCAL_APP_SECRET: z.string().min(1).default("rostrum-local-secret"),
	LOCAL_TURN_KEY_ID: z.string().min(1).default("rostrum-local-turn"),
	LOCAL_TURN_KEY_TOKEN: z.string().min(1).default("rostrum-local-turn-token"),
	/** UDP and TCP. */
	LOCAL_TURN_PORT: port.default(8792),
	/** TCP, for `turns:`. */
	LOCAL_TURN_TLS_PORT: port.default(8794),
	/** UDP ports that coturn relays from. */
	LOCAL_TURN_RELAY_PORTS: z
		.string()
		.regex(/^\d{1,5}-\d{1,5}$/)
		.default("50000-50999"),
	LOCAL_TURN_SERVER: z.string().default("turnserver"),
	LOCAL_STATE_DIR: z.string().default(".rostrum"),
	/** The admin API listens only if it has a token; 0 takes any free port. */
	LOCAL_ADMIN_PORT: port.default(8793),
	LOCAL_ADMIN_TOKEN: z.string().optional(),
	LOCAL_WAIT_MS: milliseconds.default(5_000),
	LOCAL_TRACK_IDLE_MS: milliseconds.default(30_000),
	LOCAL_UNCONNECTED_MS: milliseconds.default(30_000),
	LOCAL_UPLINK_CAP_BPS: z.coerce.number().int().positive().default(10_000_000),
	/** `remb` is steady on a busy machine; `transport-cc` is what the service does, and sees a busy machine as congestion. */
	LOCAL_CONGESTION_FEEDBACK: z.enum(["remb", "transport-cc"]).default("remb"),
});

export type Config = ReturnType<typeof readConfig>;

/** Reads the environment once. Throws a readable error if a setting is wrong. */
export function readConfig(environment: Record<string, string | undefined>) {
	const parsed = Settings.safeParse(environment);
	if (!parsed.success) throw new Error(z.prettifyError(parsed.error));
	const settings = parsed.data;
	return {
		host: settings.LOCAL_HOST,
		httpPort: settings.LOCAL_REALTIME_PORT,
		mediaPort: settings.LOCAL_MEDIA_PORT,
		restartPort: settings.LOCAL_RESTART_PORT,
		addresses: settings.LOCAL_ADDRESSES ?? defaultAddresses(),
		app: { id: settings.LOCAL_APP_ID, secret: settings.LOCAL_APP_SECRET },
		turn: {
			keyID: settings.LOCAL_TURN_KEY_ID,
			keyToken: settings.LOCAL_TURN_KEY_TOKEN,
			port: settings.LOCAL_TURN_PORT,
			tlsPort: settings.LOCAL_TURN_TLS_PORT,
			relayPorts: settings.LOCAL_TURN_RELAY_PORTS,
			consolePassword: randomBytes(16).toString("hex"),
			program: settings.LOCAL_TURN_SERVER,
		},
		stateDirectory: settings.LOCAL_STATE_DIR,
		admin: { port: settings.LOCAL_ADMIN_PORT, token: settings.LOCAL_ADMIN_TOKEN ?? null },
		limits: {
			waitMs: settings.LOCAL_WAIT_MS,
			trackIdleMs: settings.LOCAL_TRACK_IDLE_MS,
			unconnectedMs: settings.LOCAL_UNCONNECTED_MS,
			callsPerSecond: 50,
		},
		uplinkCapBps: settings.LOCAL_UPLINK_CAP_BPS,
		usesTransportCc: settings.LOCAL_CONGESTION_FEEDBACK === "transport-cc",
	};
}

/** Loopback for this machine, and one address for phones in the same network. */
function defaultAddresses(): string[] {
	const others = Object.values(networkInterfaces())
		.flatMap((addresses) => addresses ?? [])
		.filter((address) => address.family === "IPv4" && !address.internal);
	return ["127.0.0.1", ...others.slice(0, 1).map((address) => address.address)];
}
