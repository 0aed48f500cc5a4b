import type * as z from "zod";
import { sha256Hex } from "../adapters/database/database.ts";
import { log } from "../adapters/log.ts";
import type { Endpoint, EndpointReply } from "../protocol/endpoint.ts";
import { AppError } from "../protocol/errors.ts";
import type { UserID } from "../protocol/ids.ts";
import type { AppContext } from "./route.ts";

const MIN_KEY_LENGTH = 8;
const MAX_KEY_LENGTH = 128;

/**
 * Runs a request that creates something once for each `Idempotency-Key` of a user; a repeat gets the first one's reply
 * (CONTRACT §1). Without a key it just runs. Throws AppError `idempotency-key-reused`, `idempotency-in-flight`.
 */
export async function once<
	P extends z.ZodType,
	Q extends z.ZodType,
	B extends z.ZodType,
	R extends z.ZodType,
>(
	definition: Endpoint<P, Q, B, R>,
	request: { context: AppContext; userID: UserID; body: z.output<B> },
	run: () => Promise<EndpointReply<Endpoint<P, Q, B, R>>>,
): Promise<EndpointReply<Endpoint<P, Q, B, R>>> {
	const { context, userID, body } = request;
	const key = context.req.header("idempotency-key");
	if (key === undefined) return run();
	if (key.length < MIN_KEY_LENGTH || key.length > MAX_KEY_LENGTH) {
		throw new AppError(
			"validation",
			`An Idempotency-Key has ${MIN_KEY_LENGTH} to ${MAX_KEY_LENGTH} characters.`,
		);
	}
	const table = context.get("services").idempotency;
	const requestHash = await sha256Hex(`${userID}\n${definition.operationID}\n${key}`);
	const bodyHash = await sha256Hex(JSON.stringify(body));
	const seen = await table.claim(requestHash, bodyHash, Date.now());
	if (seen) {
		const reply = readReply(seen, bodyHash);
		context.header("Idempotency-Replayed", "true");
		return reply;
	}
	try {
		const reply = await run();
		await table
			.finish(requestHash, definition.status, JSON.stringify(reply))
			.catch((error: unknown) => log.error("idempotency.not-stored", error, { userID }));
		return reply;
	} catch (error) {
		await table.release(requestHash);
		throw error;
	}
}

function readReply(seen: { bodyHash: string; reply: string | null }, bodyHash: string) {
	if (seen.bodyHash !== bodyHash) {
		throw new AppError("idempotency-key-reused", "This Idempotency-Key came with another body before.");
	}
	if (seen.reply === null) {
		throw new AppError("idempotency-in-flight", "The first request with this key is still running.", {
			headers: { "Retry-After": "1" },
		});
	}
	return JSON.parse(seen.reply);
}
