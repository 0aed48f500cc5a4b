import { readdirSync, readFileSync, watchFile } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { type BuildOptions, type BuildResult, build, context, type PluginBuild } from "esbuild";
import { convertV4MiniflareOptions, fetch, Log, LogLevel, Miniflare, type Request } from "miniflare";
import { unstable_getMiniflareWorkerOptions as readWorkerOptions } from "wrangler";
import * as z from "zod";
import { PROJECT, type StartSettings } from "./settings.ts";

/** How soon a workerd that is gone for good is missed. */
const CHECK_MS = 500;
const CLOUDFLARE_REALTIME = "https://rtc.live.cloudflare.com";

/** The Worker on this machine: bundled, its platform emulated by miniflare as `wrangler.toml` says. */
export class Platform {
	readonly #settings: StartSettings;
	readonly #vars: Record<string, string>;
	readonly #workerOptions = readWorkerOptions(`${PROJECT}wrangler.toml`).workerOptions;
	#miniflare: Miniflare | undefined;
	#script = "";
	#isStopping = false;

	constructor(settings: StartSettings, vars: Record<string, string>) {
		this.#settings = settings;
		this.#vars = vars;
	}

	async start(): Promise<void> {
		const { outputFiles } = await build(BUNDLE);
		this.#script = outputFiles?.[0]?.text ?? "";
		await this.#migrate();
		this.#miniflare = new Miniflare(this.#options(this.#script));
		await this.#miniflare.ready;
		void this.#keepRunning(this.#miniflare);
	}

	/** Starts anew whenever the Worker's files or the built web client change. Open sockets reconnect. */
	async watch(): Promise<void> {
		const onEnd = async ({ errors, outputFiles }: BuildResult): Promise<void> => {
			const script = outputFiles?.[0]?.text ?? "";
			if (errors.length === 0 && script !== this.#script) await this.#reload(script);
		};
		const plugin = { name: "reload", setup: (hooks: PluginBuild) => hooks.onEnd(onEnd) };
		await (await context({ ...BUNDLE, plugins: [plugin] })).watch();
		watchFile(`${PROJECT}dist/web/index.html`, { interval: 300 }, ({ size }) => {
			if (size > 0) void this.#reload(this.#script);
		});
	}

	async #reload(script: string): Promise<void> {
		this.#script = script;
		await this.#miniflare?.setOptions(this.#options(script));
		console.log("reloaded");
	}

	async stop(): Promise<void> {
		this.#isStopping = true;
		await this.#miniflare?.dispose();
	}

	/** miniflare starts a workerd that died again, but gives up if that one dies while it starts: then it is told to begin anew. */
	async #keepRunning(miniflare: Miniflare): Promise<void> {
		while (!this.#isStopping) {
			await sleep(CHECK_MS, undefined, { ref: false });
			try {
				await miniflare.ready;
			} catch {
				// miniflare has said why.
				if (!this.#isStopping) await this.#beginAnew(miniflare);
			}
		}
	}

	async #beginAnew(miniflare: Miniflare): Promise<void> {
		try {
			await miniflare.setOptions(this.#options(this.#script));
			console.log("workerd runs again");
		} catch (error) {
			console.error("workerd could not be started; trying again", error);
		}
	}

	#options(script: string) {
		const workerOptions = this.#workerOptions;
		const { host, port, stateDir, ports, hasRealtime } = this.#settings;
		const options = convertV4MiniflareOptions({
			...workerOptions,
			name: "rostrum",
			rootPath: PROJECT,
			modules: [{ type: "ESModule", path: `${PROJECT}worker.mjs`, contents: script }],
			bindings: Object.assign({}, workerOptions.bindings, this.#vars),
			host,
			port,
			cf: false,
			log: new Log(LogLevel.WARN),
			// Production addresses stay in the code; here is where they lead to the stand-in.
			outboundService: (request: Request) => {
				const isRealtime = !hasRealtime && new URL(request.url).origin === CLOUDFLARE_REALTIME;
				const url = isRealtime
					? request.url.replace(CLOUDFLARE_REALTIME, `http://127.0.0.1:${ports.sfu}`)
					: request.url;
				return fetch(url, request);
			},
		});
		return { ...options, resourcePersistencePath: `${stateDir}/v3` };
	}

	/** Only the database, on a port that nobody knows: whoever asks as soon as ours answers finds all tables. */
	#databaseOptions() {
		const d1Databases = Databases.parse(this.#workerOptions.d1Databases);
		const options = convertV4MiniflareOptions({
			name: "migrations",
			modules: [{ type: "ESModule", path: `${PROJECT}migrations.mjs`, contents: "export default {};" }],
			d1Databases,
			host: "127.0.0.1",
			port: 0,
			cf: false,
			log: new Log(LogLevel.WARN),
		});
		return { ...options, resourcePersistencePath: `${this.#settings.stateDir}/v3` };
	}

	/** Applies what is new in `migrations/`, into the table that wrangler uses too. */
	async #migrate(): Promise<void> {
		const miniflare = new Miniflare(this.#databaseOptions());
		try {
			await applyMigrations(await miniflare.getD1Database("DB"));
		} finally {
			await miniflare.dispose();
		}
	}
}

const Databases = z.record(z.string(), z.object({ id: z.string() }));
type Database = Awaited<ReturnType<Miniflare["getD1Database"]>>;

async function applyMigrations(database: Database): Promise<void> {
	await database.exec(
		"CREATE TABLE IF NOT EXISTS d1_migrations (id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT UNIQUE, applied_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP NOT NULL)",
	);
	const { results } = await database.prepare("SELECT name FROM d1_migrations").all<{ name: string }>();
	const applied = new Set(results.map((row) => row.name));
	const files = readdirSync(`${PROJECT}migrations`)
		.filter((name) => name.endsWith(".sql"))
		.sort();
	for (const name of files.filter((file) => !applied.has(file))) {
		const statements = readFileSync(`${PROJECT}migrations/${name}`, "utf8").split("--> statement-breakpoint");
		await database.batch([
			...statements.map((statement) => database.prepare(statement)),
			database.prepare("INSERT INTO d1_migrations (name) VALUES (?)").bind(name),
		]);
	}
}

const BUNDLE: BuildOptions & { write: false } = {
	entryPoints: [`${PROJECT}workers/index.ts`],
	bundle: true,
	write: false,
	format: "esm",
	target: "es2024",
	conditions: ["workerd", "worker", "browser"],
	external: ["cloudflare:*", "node:*"],
	sourcemap: "inline",
	logLevel: "warning",
};
