import { Hono } from "hono";
import * as z from "zod";
import { hasBearer } from "./authorization.ts";
import { FaultScript, type Faults } from "./faults.ts";
import type { Session } from "./sfu/session.ts";
import type { Sfu } from "./sfu/sfu.ts";

/**
 * What Cloudflare does not have: faults to order, and a look inside. On a port and with a token of its own, so that nothing that
 * can reach the public API reaches this.
 *
 * `GET|PUT|DELETE /faults` a script; `GET /sessions` what flows; `DELETE /sessions/{id}` ends one as if its network had gone.
 */
export function adminApp(parts: { token: string; sfu: Sfu; faults: Faults }): Hono {
	const { token, sfu, faults } = parts;
	const app = new Hono();

	app.use("*", async (context, next) => {
		if (!hasBearer(context.req.header("authorization"), token))
			return context.json({ error: "unauthorized" }, 401);
		await next();
		return undefined;
	});

	app.get("/faults", (context) => context.json(faults.script));
	app.put("/faults", async (context) => {
		const parsed = FaultScript.safeParse(await context.req.json().catch(() => null));
		if (!parsed.success) return context.json({ error: z.prettifyError(parsed.error) }, 400);
		faults.load(parsed.data);
		return context.json(faults.script);
	});
	app.delete("/faults", (context) => {
		faults.load(FaultScript.parse({}));
		return context.body(null, 204);
	});

	app.get("/sessions", (context) => context.json({ sessions: Array.from(sfu.sessions, summarize) }));
	app.delete("/sessions/:session", (context) => {
		const session = sfu.find(context.req.param("session"));
		if (session === null) return context.json({ error: "no such session" }, 404);
		session.close();
		return context.body(null, 204);
	});
	return app;
}

function summarize(session: Session) {
	const now = Date.now();
	return {
		sessionID: session.sessionID,
		isConnected: session.peer.isOpen,
		published: session.lines.flatMap(({ up }) =>
			up === null
				? []
				: [{ trackName: up.trackName, codec: up.codec.main.name, layers: up.layerOptions(now) }],
		),
		received: session.lines.flatMap(({ down, mid }) =>
			down === null
				? []
				: [
						{
							mid,
							trackName: down.source.trackName,
							sessionID: down.source.sessionID,
							rid: down.current?.rid ?? null,
							wantedRid: down.wanted?.rid ?? null,
						},
					],
		),
	};
}
