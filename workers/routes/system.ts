import { MediaProgram } from "../../adapters/media-program.ts";
import { AppError } from "../../protocol/errors.ts";
import { describeAPI } from "../openapi.ts";
import { isErrorCode, titleOf } from "../problems.ts";
import type { App } from "../route.ts";
import type { Services } from "../services.ts";

/** `stand-in`: works, by a part that runs on this machine instead of Cloudflare. */
type DependencyState = "ok" | "missing" | "failed" | "stand-in";

const PROBE_MS = 3000;

/** Health, readiness, keys, and the API's own description. */
export function mountSystem(app: App, version: string): void {
	app.get("/healthz", (context) => context.json({ status: "ok", version }));

	app.get("/readyz", async (context) => {
		const services = context.get("services");
		const states = Object.fromEntries(
			await Promise.all(
				Object.entries(probes(services)).map(
					async ([name, probe]) => [name, await stateOf(name, probe, services)] as const,
				),
			),
		);
		const isReady = !Object.values(states).includes("failed");
		context.header("Cache-Control", "no-store");
		return context.json(
			{ status: isReady ? "ready" : "not-ready", dependencies: states },
			isReady ? 200 : 503,
		);
	});

	app.get("/openapi.json", (context) => {
		context.header("Cache-Control", "public, max-age=300");
		return context.json(describeAPI(new URL(context.req.url).origin, version));
	});

	app.get("/problems/:code", (context) => {
		const code = context.req.param("code");
		if (!isErrorCode(code)) throw new AppError("not-found", "There is no such problem type.");
		return context.text(titleOf(code));
	});

	app.get("/.well-known/jwks.json", async (context) => {
		const { tokenKey } = await context.get("services").keys();
		context.header("Cache-Control", "public, max-age=3600");
		return context.json({ keys: [tokenKey.publicJWK] });
	});
}

/** Each resolves to false if the feature is not set up, and throws if it is but fails. */
function probes(services: Services): Record<string, () => Promise<boolean>> {
	const { env, config } = services;
	return {
		database: async () => (await env.DB.prepare("SELECT 1").first()) !== null,
		storage: async () => (await env.MEDIA.list({ limit: 1 })) !== null,
		objects: async () => (await services.keys()) !== null,
		sfu: async () => config.realtime !== null && (await services.sfu().newSession()) !== "",
		turn: async () => config.turn !== null && (await services.turn()?.iceServers(60)) !== undefined,
		media: async () => {
			for (const baseURL of config.mediaURLs)
				await new MediaProgram({ baseURL, token: config.mediaToken }).health();
			return config.mediaURLs.length > 0;
		},
	};
}

async function stateOf(
	name: string,
	probe: () => Promise<boolean>,
	services: Services,
): Promise<DependencyState> {
	try {
		const timeout = new Promise<never>((_, reject) =>
			setTimeout(() => reject(new Error("no answer")), PROBE_MS),
		);
		if (!(await Promise.race([probe(), timeout]))) return "missing";
		return services.config.standIns.includes(name) ? "stand-in" : "ok";
	} catch {
		// Why it fails is in the log of what failed; here it only counts that it does.
		return "failed";
	}
}
