import type { TicketScope, VerifiedTicket } from "../adapters/tokens.ts";
import { AppError, ERROR_STATUS, type ErrorCode } from "../protocol/errors.ts";
import type { AppContext } from "./route.ts";
import type { Services } from "./services.ts";

/** The sub-protocols that the client offers. */
export function offeredProtocols(context: AppContext): string[] {
	return (context.req.header("sec-websocket-protocol") ?? "").split(",").map((item) => item.trim());
}

/**
 * The ticket of an upgrade, checked; null without one. A browser's ticket stands in the sub-protocols (`ticket.<t>`)
 * or in `?ticket=`. Throws AppError `bad-ticket`, `origin-not-allowed`, `upgrade-required`.
 */
export async function readTicket(
	context: AppContext,
	services: Services,
	scope: TicketScope,
): Promise<VerifiedTicket | null> {
	const ticket = findTicket(context, services);
	return ticket === null ? null : (await services.tokens()).verifyTicket(ticket, scope);
}

/** As `readTicket`; without a ticket nobody gets in. */
export async function requireTicket(
	context: AppContext,
	services: Services,
	scope: TicketScope,
): Promise<VerifiedTicket> {
	const verified = await readTicket(context, services, scope);
	if (verified) return verified;
	throw ticketMissing();
}

/** As `requireTicket`, for a socket of the caller's own, whoever that is. */
export async function requireOwnTicket(
	context: AppContext,
	services: Services,
	audience: TicketScope["audience"],
): Promise<VerifiedTicket> {
	const ticket = findTicket(context, services);
	if (ticket === null) throw ticketMissing();
	return (await services.tokens()).verifyOwnTicket(ticket, audience);
}

/** What an object is handed: the visitor whom the Worker has verified, and the sub-protocol to answer with. */
export function upgradeRequest(context: AppContext, visitor: unknown, protocol: string): Request {
	const headers = new Headers({ Upgrade: "websocket", "x-visitor": JSON.stringify(visitor) });
	if (offeredProtocols(context).includes(protocol)) headers.set("x-protocol", protocol);
	return new Request(context.req.raw.url, { headers });
}

/** An object's answer to an upgrade; one that refuses answers with an error code as text. Throws AppError. */
export async function upgraded(response: Response): Promise<Response> {
	if (response.status === 101) return response;
	const code = await response.text();
	throw isErrorCode(code)
		? new AppError(code, SOCKET_REFUSALS[code] ?? "The socket was refused.")
		: new AppError("internal", "The socket could not be opened.");
}

const SOCKET_REFUSALS: Partial<Record<ErrorCode, string>> = {
	"bad-ticket": "The ticket was used before. Ask for a new one.",
	"call-ended": "This call is over.",
	forbidden: "This place in the call belongs to somebody else.",
	"rate-limited": "This place's socket is opened too often. Wait a moment.",
	"not-found": "There is no such place in this call. Join it first.",
};

function findTicket(context: AppContext, services: Services): string | null {
	requireUpgrade(context);
	checkOrigin(context, services);
	const offered = offeredProtocols(context).find((item) => item.startsWith("ticket."));
	return offered?.slice("ticket.".length) ?? context.req.query("ticket") ?? null;
}

function ticketMissing(): AppError {
	return new AppError("bad-ticket", "Ask for a ticket first and send it as sub-protocol.");
}

function isErrorCode(code: string): code is ErrorCode {
	return Object.hasOwn(ERROR_STATUS, code);
}

function requireUpgrade(context: AppContext): void {
	if (context.req.header("upgrade")?.toLowerCase() === "websocket") return;
	throw new AppError("upgrade-required", "This is a WebSocket.", { headers: { Upgrade: "websocket" } });
}

/** A page of another site may not open sockets in our users' names. */
function checkOrigin(context: AppContext, services: Services): void {
	const origin = context.req.header("origin");
	if (origin === undefined || origin === new URL(context.req.url).origin) return;
	if (services.config.allowedOrigins.includes(origin)) return;
	throw new AppError("origin-not-allowed", "This site may not open sockets here.");
}
