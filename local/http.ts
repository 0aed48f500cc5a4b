import { setTimeout as sleep } from "node:timers/promises";
import { Hono, type MiddlewareHandler } from "hono";
import { hasBearer } from "./authorization.ts";
import type { Config } from "./config.ts";
import type { Faults } from "./faults.ts";
import { log } from "./log.ts";
import { Failure } from "./sfu/failure.ts";
import { sfuRoutes } from "./sfu/routes.ts";
import type { Sfu } from "./sfu/sfu.ts";
import { turnRoutes } from "./turn/routes.ts";
import type { Turn } from "./turn/turn.ts";

/** The public API as Cloudflare serves it below `https://rtc.live.cloudflare.com/v1`, and `GET /healthz`. */
export function publicApp(parts: { config: Config; sfu: Sfu; turn: Turn | null; faults: Faults }): Hono {
	const { config, sfu, turn, faults } = parts;
	const app = new Hono();

	app.get("/healthz", (context) => {
		return context.json({ status: "ok", sessions: Array.from(sfu.sessions).length, turn: turn !== null });
	});
	app.use("/v1/*", injectFaults(faults));
	app.use("/v1/apps/:app/*", requireApp(config));
	app.route("/v1/apps/:app", sfuRoutes(sfu));
	app.use("/v1/turn/keys/:key/*", requireTurnKey(config));
	app.route("/v1/turn/keys/:key", turnRoutes(turn));

	app.notFound((context) => {
		return context.json({ errorCode: "not_found", errorDescription: "There is no such resource" }, 404);
	});
	app.onError((error, context) => {
		if (error instanceof Failure) return context.json(error.body, error.status);
		log.error("request.failed", { path: context.req.path, error: error.stack ?? String(error) });
		return context.json({ errorCode: "internal_error", errorDescription: "Backend error" }, 500);
	});
	return app;
}

function requireApp(config: Config): MiddlewareHandler {
	return async (context, next) => {
		if (context.req.param("app") !== config.app.id) {
			throw new Failure(404, "not_found", "App not found");
		}
		if (!hasBearer(context.req.header("authorization"), config.app.secret)) {
			throw new Failure(401, "unauthorized", "The app's secret is missing or wrong");
		}
		await next();
	};
}

function requireTurnKey(config: Config): MiddlewareHandler {
	return async (context, next) => {
		const isRight =
			context.req.param("key") === config.turn.keyID &&
			hasBearer(context.req.header("authorization"), config.turn.keyToken);
		if (!isRight) throw new Failure(401, "unauthorized", "The TURN key or its token is wrong");
		await next();
	};
}

function injectFaults(faults: Faults): MiddlewareHandler {
	return async (context, next) => {
		const verdict = faults.judgeCall(context.req.method, context.req.path);
		if (verdict === null) {
			await next();
			return;
		}
		if (verdict.phase === "after") await next();
		await sleep(verdict.delayMs);
		const { error } = verdict;
		if (error !== null) {
			const body = { errorCode: error.errorCode, errorDescription: "Injected fault" };
			context.res = Response.json(body, { status: error.status });
			return;
		}
		if (verdict.phase === "before") await next();
	};
}
