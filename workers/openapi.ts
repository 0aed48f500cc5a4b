import * as z from "zod";
import type { Endpoint } from "../protocol/endpoint.ts";
import { ENDPOINTS } from "../protocol/endpoints.ts";
import { ERROR_STATUS } from "../protocol/errors.ts";
import { isErrorCode } from "./problems.ts";

/** The OpenAPI 3.1 document, made from the endpoint table. */
export function describeAPI(origin: string, version: string) {
	const paths: Record<string, Record<string, unknown>> = {};
	for (const endpoint of ENDPOINTS) {
		const path = endpoint.path.replace(/:([A-Za-z]+)/g, "{$1}");
		paths[path] = { ...paths[path], [endpoint.method.toLowerCase()]: describeOperation(endpoint) };
	}
	return {
		openapi: "3.1.0",
		info: { title: "rostrum", version, description: "Calls, live streams with chat, and video on demand." },
		servers: [{ url: origin }],
		paths,
		components: {
			securitySchemes: { bearer: { type: "http", scheme: "bearer", bearerFormat: "JWT" } },
			schemas: { Problem: PROBLEM },
		},
	};
}

function describeOperation(endpoint: Endpoint) {
	const isSecured = endpoint.auth !== "none" && endpoint.auth !== "optional";
	return {
		operationId: endpoint.operationID,
		summary: endpoint.summary,
		tags: [endpoint.path.split("/")[1]],
		...(isSecured ? { security: [{ bearer: [] }] } : {}),
		parameters: [
			...describeParameters(endpoint.params, "path"),
			...describeParameters(endpoint.query, "query"),
		],
		...(endpoint.body
			? { requestBody: { required: true, content: json(toSchema(endpoint.body, "input")) } }
			: {}),
		responses: { [endpoint.status]: describeReply(endpoint), ...describeErrors(endpoint) },
	};
}

function describeReply(endpoint: Endpoint) {
	if (!endpoint.reply) return { description: endpoint.summary };
	return { description: endpoint.summary, content: json(toSchema(endpoint.reply, "output")) };
}

/** One response a status, naming the codes that it may bear. */
function describeErrors(endpoint: Endpoint): Record<string, unknown> {
	const common = [
		"validation",
		"internal",
		...(endpoint.auth === "user" || endpoint.auth === "owner" ? ["unauthenticated"] : []),
	];
	const codesByStatus = new Map<number, string[]>();
	for (const code of [...common, ...(endpoint.errors ?? [])]) {
		if (!isErrorCode(code)) continue;
		const status = ERROR_STATUS[code];
		codesByStatus.set(status, [...(codesByStatus.get(status) ?? []), code]);
	}
	return Object.fromEntries(
		[...codesByStatus].map(([status, codes]) => [
			status,
			{
				description: codes.join(", "),
				content: { "application/problem+json": { schema: { $ref: "#/components/schemas/Problem" } } },
			},
		]),
	);
}

const ObjectSchema = z.looseObject({
	properties: z.record(z.string(), z.unknown()).default({}),
	required: z.array(z.string()).default([]),
});

function describeParameters(schema: z.ZodType | undefined, place: "path" | "query") {
	if (!schema) return [];
	const { properties, required } = ObjectSchema.parse(toSchema(schema, "input"));
	return Object.entries(properties).map(([name, property]) => ({
		name,
		in: place,
		required: place === "path" || required.includes(name),
		schema: property,
	}));
}

function toSchema(schema: z.ZodType, io: "input" | "output") {
	const { $schema: _dialect, ...rest } = z.toJSONSchema(schema, { io, unrepresentable: "any" });
	return rest;
}

function json(schema: unknown) {
	return { "application/json": { schema } };
}

const PROBLEM = {
	type: "object",
	required: ["type", "title", "status", "code"],
	properties: {
		type: { type: "string" },
		title: { type: "string" },
		status: { type: "integer" },
		detail: { type: "string" },
		instance: { type: "string" },
		code: { type: "string", enum: Object.keys(ERROR_STATUS) },
		traceID: { type: "string" },
	},
};
