import type * as z from "zod";

/** Who may call: `none`, `optional` (a token changes the answer), `user`, `owner` (of the channel), `stream-key`, `signed` (URL), `job` (the media program). */
export type EndpointAuth = "none" | "optional" | "user" | "owner" | "stream-key" | "signed" | "job";

type Schema = z.ZodType;

/** One HTTP call as plain data: the server mounts it, the browser and the tests call it, `/openapi.json` lists it. */
export interface Endpoint<
	Params extends Schema = Schema,
	Query extends Schema = Schema,
	Body extends Schema = Schema,
	Reply extends Schema = Schema,
> {
	readonly operationID: string;
	readonly method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
	/** hono syntax: `/channels/:channelID`. */
	readonly path: string;
	readonly summary: string;
	readonly auth: EndpointAuth;
	readonly params?: Params;
	readonly query?: Query;
	readonly body?: Body;
	/** Schema of the JSON reply; absent for 204 and for bodies that are not JSON. */
	readonly reply?: Reply;
	/** Status of success. */
	readonly status: 200 | 201 | 202 | 204;
	/** Cache-Control of success, CONTRACT §1; absent: `private, no-store`. */
	readonly cacheControl?: string;
	/** Error codes beyond those that every route may give. */
	readonly errors?: readonly string[];
}

/** Names the types of an endpoint; returns it as it is. */
export function endpoint<
	Params extends Schema = z.ZodNever,
	Query extends Schema = z.ZodNever,
	Body extends Schema = z.ZodNever,
	Reply extends Schema = z.ZodNever,
>(definition: Endpoint<Params, Query, Body, Reply>): Endpoint<Params, Query, Body, Reply> {
	return definition;
}

/** What a caller passes: only the parts that the endpoint has. */
export type EndpointInput<E> =
	E extends Endpoint<infer Params, infer Query, infer Body, Schema>
		? Part<"params", Params, z.input<Params>> &
				Part<"query", Query, z.input<Query>> &
				Part<"body", Body, z.input<Body>>
		: never;

/** What a handler gets: parsed. */
export type EndpointParsed<E> =
	E extends Endpoint<infer Params, infer Query, infer Body, Schema>
		? Part<"params", Params, z.output<Params>> &
				Part<"query", Query, z.output<Query>> &
				Part<"body", Body, z.output<Body>>
		: never;

export type EndpointReply<E> =
	E extends Endpoint<Schema, Schema, Schema, infer Reply>
		? [Reply] extends [z.ZodNever]
			? undefined
			: z.output<Reply>
		: never;

type Part<Name extends string, S, Value> = [S] extends [z.ZodNever] ? unknown : { [K in Name]: Value };
