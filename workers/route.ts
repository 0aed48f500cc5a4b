import type { Context, Hono } from "hono";
import type * as z from "zod";
import type { Identity } from "../adapters/tokens.ts";
import type { Endpoint, EndpointParsed, EndpointReply } from "../protocol/endpoint.ts";
import { AppError } from "../protocol/errors.ts";
import { identify } from "./identify.ts";
import type { Services } from "./services.ts";

export type AppEnv = { Bindings: Env; Variables: { services: Services; traceID: string } };
export type App = Hono<AppEnv>;
export type AppContext = Context<AppEnv>;

/** Largest JSON body, CONTRACT §1. */
const MAX_BODY_BYTES = 256 * 1024;

/** What a handler gets: the parsed parts of the call, who calls, and the services. */
export type Call<E> = EndpointParsed<E> & {
	context: AppContext;
	services: Services;
	/** Null only if the endpoint's `auth` allows it. */
	identity: Identity | null;
};

/** Mounts an endpoint: checks who and what comes in, then answers with the endpoint's status and cache policy. */
export function route<P extends z.ZodType, Q extends z.ZodType, B extends z.ZodType, R extends z.ZodType>(
	app: App,
	definition: Endpoint<P, Q, B, R>,
	handler: (call: Call<Endpoint<P, Q, B, R>>) => Promise<EndpointReply<Endpoint<P, Q, B, R>> | Response>,
): void {
	app.on(definition.method, definition.path, async (context) => {
		const services = context.get("services");
		const identity = await identify(context, definition.auth);
		const parsed = {
			params: parse(definition.params, context.req.param(), "/params"),
			query: parse(definition.query, context.req.query(), "/query"),
			body: definition.body ? parse(definition.body, await readJSON(context), "") : undefined,
		};
		// The three parts were parsed by the very schemas that Call's type is made from.
		const call = { ...parsed, context, services, identity } as unknown as Call<Endpoint<P, Q, B, R>>;
		const reply = await handler(call);
		if (reply instanceof Response) return reply;
		context.header("Cache-Control", definition.cacheControl ?? "private, no-store");
		if (definition.status === 204 || reply === undefined)
			return context.body(null, { status: definition.status });
		return context.json(reply, { status: definition.status });
	});
}

/** The caller; for endpoints whose `auth` is `user` or `owner`. */
export function requireIdentity(call: { identity: Identity | null }): Identity {
	if (call.identity) return call.identity;
	throw new AppError("unauthenticated", "Log in first.", { headers: { "WWW-Authenticate": "Bearer" } });
}

/** As `requireIdentity`; guests may not. Throws AppError `forbidden`. */
export function requireAccount(call: { identity: Identity | null }): Identity {
	const identity = requireIdentity(call);
	if (identity.isGuest) throw new AppError("forbidden", "This needs an account.");
	return identity;
}

/** Body as text, at most `maxBytes` of it. Throws AppError `payload-too-large`. */
export async function readText(context: AppContext, maxBytes: number): Promise<string> {
	return new TextDecoder().decode(await readBytes(context, maxBytes));
}

export async function readBytes(context: AppContext, maxBytes: number): Promise<Uint8Array<ArrayBuffer>> {
	const tooLarge = () => new AppError("payload-too-large", `The body may have at most ${maxBytes} bytes.`);
	if (Number(context.req.header("content-length") ?? 0) > maxBytes) throw tooLarge();
	const chunks: Uint8Array[] = [];
	let size = 0;
	for await (const chunk of context.req.raw.body ?? []) {
		size += chunk.byteLength;
		if (size > maxBytes) throw tooLarge();
		chunks.push(chunk);
	}
	const whole = new Uint8Array(size);
	let offset = 0;
	for (const chunk of chunks) {
		whole.set(chunk, offset);
		offset += chunk.byteLength;
	}
	return whole;
}

/** Checks `value`; a failure is 422 `validation` with a JSON pointer for each issue. */
export function parse(schema: z.ZodType | undefined, value: unknown, pointer: string): unknown {
	if (!schema) return undefined;
	const result = schema.safeParse(value);
	if (result.success) return result.data;
	// An identifier that cannot exist names nothing.
	if (pointer === "/params") throw new AppError("not-found", "There is nothing here.");
	throw new AppError("validation", "Some fields are not as they must be.", {
		members: {
			errors: result.error.issues.map((issue) => ({
				pointer: `#${pointer}/${issue.path.join("/")}`.replace(/\/$/, ""),
				detail: issue.message,
			})),
		},
	});
}

async function readJSON(context: AppContext): Promise<unknown> {
	const type = context.req.header("content-type") ?? "application/json";
	if (!type.toLowerCase().startsWith("application/json")) {
		throw new AppError("unsupported-media-type", "Send application/json.", {
			headers: { Accept: "application/json" },
		});
	}
	const text = await readText(context, MAX_BODY_BYTES);
	try {
		return JSON.parse(text === "" ? "{}" : text);
	} catch (cause) {
		throw new AppError("malformed-json", "The body is not JSON.", { cause });
	}
}
