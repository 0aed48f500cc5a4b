import type { Identity } from "../adapters/tokens.ts";
import type { EndpointAuth } from "../protocol/endpoint.ts";
import { AppError } from "../protocol/errors.ts";
import type { AppContext } from "./route.ts";

/** Who calls, as far as the endpoint asks. Throws AppError `unauthenticated`. */
export async function identify(context: AppContext, auth: EndpointAuth): Promise<Identity | null> {
	if (auth !== "user" && auth !== "owner" && auth !== "optional") return null;
	const token = bearerToken(context);
	if (token !== null) return (await context.get("services").tokens()).verifyAccess(token);
	if (auth === "optional") return null;
	throw new AppError("unauthenticated", "Send an access token as Authorization: Bearer.", {
		headers: { "WWW-Authenticate": "Bearer" },
	});
}

/** The bearer token of a request, or null. The seeds write the header as `Authentication` (004:203); both are read. */
export function bearerToken(context: AppContext): string | null {
	const header = context.req.header("authorization") ?? context.req.header("authentication") ?? "";
	return /^Bearer ([^\s]+)$/i.exec(header)?.[1] ?? null;
}
