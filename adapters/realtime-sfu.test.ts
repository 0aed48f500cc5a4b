import { createServer, type IncomingMessage, type Server } from "node:http";
import { afterEach, expect, test } from "vitest";
import { AppError } from "../protocol/errors.ts";
import { RealtimeSfu } from "./realtime-sfu.ts";

type Reply = { status: number; body: unknown; headers?: Record<string, string> };
type Seen = { method: string; path: string; authorization: string; body: unknown };

const servers: Server[] = [];

afterEach(() => {
	for (const server of servers.splice(0)) {
		server.closeAllConnections();
		server.close();
	}
});

test("a pull returns good and failed items side by side, with the SFU's offer", async () => {
	const { sfu, seen } = await serve([
		{
			status: 200,
			body: {
				requiresImmediateRenegotiation: true,
				tracks: [
					{ sessionId: "p", trackName: "v", mid: "0" },
					{ sessionId: "p", trackName: "a", mid: "", errorCode: "not_found_track_error" },
				],
				sessionDescription: { type: "offer", sdp: "v=0" },
			},
		},
	]);

	const outcome = await sfu.pull("s1", [
		{ sessionID: "p", trackName: "v", simulcast: { preferredRid: "a", priorityOrdering: "asciibetical" } },
		{ sessionID: "p", trackName: "a", kind: "audio" },
	]);

	expect(outcome.tracks.map((track) => track.mid)).toEqual(["0"]);
	expect(outcome.failed.map((track) => track.errorCode)).toEqual(["not_found_track_error"]);
	expect(outcome).toMatchObject({ sdp: "v=0", needsAnswer: true });
	expect(seen[0]).toEqual({
		method: "POST",
		path: "/v1/apps/app%201/sessions/s1/tracks/new",
		authorization: "Bearer secret",
		body: {
			tracks: [
				{
					location: "remote",
					sessionId: "p",
					trackName: "v",
					simulcast: { preferredRid: "a", priorityOrdering: "asciibetical" },
				},
				{ location: "remote", sessionId: "p", trackName: "a", kind: "audio" },
			],
		},
	});
});

test("an error at the top level becomes an sfu-error that keeps the SFU's code and status", async () => {
	const { sfu } = await serve([
		{ status: 410, body: { errorCode: "session_error", errorDescription: "gone" } },
	]);

	const error = await sfu.pull("s1", []).catch((caught: unknown) => caught);

	expect(error).toBeInstanceOf(AppError);
	expect(error).toMatchObject({ code: "sfu-error", members: { sfuCode: "session_error", sfuStatus: 410 } });
});

test("a call that is safe to repeat survives 503, 429 and a cut connection", async () => {
	const { sfu, seen } = await serve([
		{ status: 503, body: { errorCode: "temporarily_unavailable_error" } },
		{ status: 429, body: { errorCode: "rate_limited" } },
		"cut",
		{ status: 201, body: { sessionId: "0123" } },
	]);

	expect(await sfu.newSession()).toBe("0123");
	expect(seen).toHaveLength(4);
});

test("a change that may have been carried out is not repeated, one that was refused is", async () => {
	const { sfu, seen } = await serve([{ status: 503, body: { errorCode: "backend_error" } }]);
	await expect(sfu.answer("s1", "v=0")).rejects.toThrow("backend_error");
	expect(seen).toHaveLength(1);

	const second = await serve([
		{ status: 429, body: { errorCode: "rate_limited" } },
		{ status: 200, body: {} },
	]);
	await second.sfu.answer("s1", "v=0");
	expect(second.seen).toHaveLength(2);
});

test("retries end within the stated total, and a silent SFU within the time limit", async () => {
	const busy = await serve([{ status: 503, body: { errorCode: "backend_error" } }], { retryTotalMs: 400 });
	const startedAt = Date.now();
	await expect(busy.sfu.getSession("s1")).rejects.toMatchObject({ members: { sfuStatus: 503 } });
	expect(Date.now() - startedAt).toBeLessThan(1_000);

	const silent = await serve(["never"], { timeoutMs: 100, retryTotalMs: 0 });
	await expect(silent.sfu.newSession()).rejects.toMatchObject({
		members: { sfuCode: "no_answer", sfuStatus: 0 },
	});
});

test("closing counts a track that is already gone as closed and asks in calls of 64", async () => {
	const { sfu, seen } = await serve([
		{ status: 200, body: { tracks: [{ mid: "0" }, { mid: "1", errorCode: "close_track_error" }] } },
		{ status: 200, body: { tracks: [{ mid: "64", errorCode: "internal_error" }] } },
	]);
	const mids = Array.from({ length: 65 }, (_, index) => String(index));

	const outcome = await sfu.close("s1", mids, { force: true });

	expect(outcome.tracks.map((track) => track.mid)).toEqual(["0", "1"]);
	expect(outcome.failed.map((track) => track.mid)).toEqual(["64"]);
	expect(seen).toHaveLength(2);
	expect(seen[1]?.body).toEqual({ tracks: [{ mid: "64" }], force: true });
});

test("an answer that is not what the API promises is an error, not a value", async () => {
	const { sfu } = await serve([{ status: 201, body: { sessionID: "misspelt" } }]);

	await expect(sfu.newSession()).rejects.toMatchObject({
		members: { sfuCode: "unreadable_answer", sfuStatus: 201 },
	});
});

/** An HTTP server that gives the replies in order and the last one for ever. */
async function serve(
	replies: (Reply | "cut" | "never")[],
	settings: { timeoutMs?: number; retryTotalMs?: number } = {},
): Promise<{ sfu: RealtimeSfu; seen: Seen[] }> {
	const seen: Seen[] = [];
	const server = createServer((request, response) => {
		void readAll(request).then((text) => {
			const reply = replies[Math.min(seen.length, replies.length - 1)];
			seen.push({
				method: request.method ?? "",
				path: request.url ?? "",
				authorization: request.headers.authorization ?? "",
				body: text === "" ? null : JSON.parse(text),
			});
			if (reply === "cut" || reply === undefined) {
				request.socket.destroy();
				return;
			}
			if (reply !== "never") {
				response.writeHead(reply.status, reply.headers).end(JSON.stringify(reply.body));
			}
		});
	});
	servers.push(server);
	await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
	const address = server.address();
	const port = typeof address === "object" && address !== null ? address.port : 0;
	const sfu = new RealtimeSfu({
		baseURL: `http://127.0.0.1:${port}/v1/`,
		appID: "app 1",
		appSecret: "secret",
		...settings,
	});
	return { sfu, seen };
}

async function readAll(request: IncomingMessage): Promise<string> {
	let text = "";
	for await (const chunk of request) {
		text += String(chunk);
	}
	return text;
}
