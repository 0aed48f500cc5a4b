import { randomBytes } from "node:crypto";
import { build } from "vite";
import { Platform } from "./platform.ts";
import { ProcessLedger, Supervised } from "./processes.ts";
import { PROJECT, readSettings, type StartSettings } from "./settings.ts";
import { ensurePrograms } from "./system-packages.ts";

/** Names of the local app and keys; they open nothing outside this machine. */
const LOCAL_APP_ID = "rostrum-local";
const LOCAL_TURN_KEY_ID = "rostrum-local-turn";

await main();

async function main(): Promise<void> {
	const beganAt = performance.now();
	const settings = readSettings();
	const missing = ensurePrograms(["ffmpeg", "turnserver"]);
	if (missing.includes("ffmpeg")) process.exit(1);
	const ledger = new ProcessLedger(`${PROJECT}.rostrum/${settings.port}.processes`);
	ledger.reap();

	const secret = randomBytes(24).toString("hex");
	const parts = startParts(settings, secret);
	const platform = new Platform(settings, workerVars(settings, secret));
	ledger.watch();
	stopOnSignal(async () => {
		await Promise.all([platform.stop(), ...parts.map((part) => part.stop())]);
		ledger.close();
	});

	await buildWeb();
	await platform.start();
	const url = `http://${settings.host}:${settings.port}`;
	await warmUp(`http://${settings.innerHost}:${settings.port}`);
	announce(settings, url, missing, performance.now() - beganAt);
	if (settings.isDev) await reloadOnChange(platform);
	process.send?.({ type: "ready", url });
}

/** The SFU and TURN stand-in, unless Cloudflare's are set up, and the media program. */
function startParts(settings: StartSettings, secret: string): Supervised[] {
	const { ports, hasRealtime, vars } = settings;
	const standIn = new Supervised({
		name: "realtime stand-in",
		entry: "local/index.ts",
		env: {
			LOCAL_REALTIME_PORT: String(ports.sfu),
			LOCAL_MEDIA_PORT: String(ports.sfuMedia),
			LOCAL_APP_ID,
			LOCAL_APP_SECRET: secret,
			LOCAL_TURN_KEY_ID,
			LOCAL_TURN_KEY_TOKEN: secret,
			LOCAL_TURN_PORT: String(ports.turn),
			LOCAL_TURN_TLS_PORT: String(ports.turnTls),
			...(settings.addresses === undefined ? {} : { LOCAL_ADDRESSES: settings.addresses }),
			LOCAL_STATE_DIR: `${PROJECT}.rostrum/${settings.port}`,
		},
	});
	const media = new Supervised({
		name: "media program",
		entry: "media/index.ts",
		env: {
			MEDIA_PORT: String(ports.media),
			MEDIA_TOKEN: secret,
			...(hasRealtime
				? vars
				: {
						REALTIME_API_BASE: `http://127.0.0.1:${ports.sfu}/v1`,
						REALTIME_APP_ID: LOCAL_APP_ID,
						REALTIME_APP_SECRET: secret,
					}),
		},
	});
	return [standIn, media];
}

function workerVars(settings: StartSettings, secret: string): Record<string, string> {
	const standIns = {
		REALTIME_APP_ID: LOCAL_APP_ID,
		REALTIME_APP_SECRET: secret,
		TURN_KEY_ID: LOCAL_TURN_KEY_ID,
		TURN_KEY_API_TOKEN: secret,
	};
	return {
		MEDIA_URLS: `http://127.0.0.1:${settings.ports.media}`,
		MEDIA_TOKEN: secret,
		INTERNAL_URL: `http://${settings.innerHost}:${settings.port}`,
		// miniflare's S3 endpoint of the bucket, with the keys of wrangler.toml: uploads go past the Worker, as in production.
		R2_BUCKET_URL: "/cdn-cgi/local/r2/s3/rostrum-media",
		R2_ACCESS_KEY_ID: "local",
		R2_SECRET_ACCESS_KEY: "local-only-not-a-secret",
		STAND_INS: settings.hasRealtime
			? "database,storage,objects,media"
			: "database,storage,objects,media,sfu,turn",
		...(settings.hasRealtime ? {} : standIns),
		...settings.vars,
	};
}

async function buildWeb(): Promise<void> {
	if (process.env.ROSTRUM_SKIP_WEB_BUILD === "1") return;
	await build({ configFile: `${PROJECT}web/vite.config.ts`, logLevel: "warn" });
}

/** Web client and Worker are built again as their files change. */
async function reloadOnChange(platform: Platform): Promise<void> {
	await build({ configFile: `${PROJECT}web/vite.config.ts`, logLevel: "warn", build: { watch: {} } });
	await platform.watch();
}

/** The first request to a fresh runtime takes seconds: make it before anybody else does. */
async function warmUp(url: string): Promise<void> {
	for (let attempt = 0; attempt < 60; attempt++) {
		try {
			const reply = await fetch(`${url}/readyz`);
			if (reply.ok) return;
		} catch {
			// Not up yet.
		}
		await new Promise((resolve) => setTimeout(resolve, 250));
	}
	console.error("Not everything is ready; /readyz says what is missing.");
}

function announce(settings: StartSettings, url: string, missing: string[], tookMs: number): void {
	const realtime = settings.hasRealtime ? "Cloudflare" : "stand-in on this machine";
	console.log(
		[
			"",
			`  rostrum is ready: ${url}   (${(tookMs / 1000).toFixed(1)} s)`,
			"",
			"  Worker, Durable Objects, D1, R2   emulated by miniflare",
			`  SFU                               ${realtime}`,
			`  TURN                              ${missing.includes("turnserver") ? "off: coturn is not installed" : realtime}`,
			"  media program                     on this machine, with ffmpeg",
			"",
			`  API docs ${url}/docs · state ${url}/readyz · Ctrl-C ends all of it`,
			"",
		].join("\n"),
	);
}

function stopOnSignal(stop: () => Promise<void>): void {
	let isStopping = false;
	for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
		process.on(signal, () => {
			if (isStopping) return;
			isStopping = true;
			stop().then(
				() => process.exit(0),
				(error: unknown) => {
					console.error(error);
					process.exit(1);
				},
			);
		});
	}
}
