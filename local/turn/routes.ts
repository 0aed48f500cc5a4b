import { Hono } from "hono";
import { IceServersRequest } from "../../protocol/realtime-api.ts";
import { Failure } from "../sfu/failure.ts";
import { readBody } from "../sfu/requests.ts";
import type { Turn } from "./turn.ts";

/** Below `/turn/keys/{keyId}` (https://developers.cloudflare.com/realtime/turn/generate-credentials/). */
export function turnRoutes(turn: Turn | null): Hono {
	const app = new Hono();

	app.post("/credentials/generate-ice-servers", async (context) => {
		const { ttl } = await readBody(context.req.raw, IceServersRequest);
		return context.json({ iceServers: requireTurn(turn).issue(ttl) }, 201);
	});

	app.post("/credentials/:username/revoke", async (context) => {
		await requireTurn(turn).revoke(context.req.param("username"));
		return context.body(null, 204);
	});

	return app;
}

function requireTurn(turn: Turn | null): Turn {
	if (turn === null)
		throw new Failure(503, "temporarily_unavailable_error", "TURN is off: coturn is not installed");
	return turn;
}
