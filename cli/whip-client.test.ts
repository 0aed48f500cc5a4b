import { createServer, type Server } from "node:http";
import { afterEach, expect, test } from "vitest";
import { WhipClient } from "./whip-client.ts";

type Answer = { status: number; headers?: Record<string, string>; body?: string };

const servers: Server[] = [];

afterEach(() => {
	for (const server of servers.splice(0)) server.close();
});

test("an accepted offer gives the answer and the session's absolute address", async () => {
	const { url, seen } = await serve({
		"/whip": { status: 201, headers: { location: "/whip/sessions/1" }, body: "v=0" },
	});

	const reply = await new WhipClient(`${url}/whip`, "key").publish("offer");

	expect(reply).toEqual({ outcome: "accepted", answerSdp: "v=0", sessionURL: `${url}/whip/sessions/1` });
	expect(seen).toEqual(["POST /whip Bearer key application/sdp offer"]);
});

test("a redirection is followed with the same request and key, but not for ever", async () => {
	const { url, seen } = await serve({
		"/whip": { status: 307, headers: { location: "/nearer" } },
		"/nearer": { status: 201, headers: { location: "sessions/1" }, body: "v=0" },
		"/round": { status: 307, headers: { location: "/round" } },
	});

	const reply = await new WhipClient(`${url}/whip`, "key").publish("offer");
	const round = await new WhipClient(`${url}/round`, "key").publish("offer");

	expect(reply).toMatchObject({ outcome: "accepted", sessionURL: `${url}/sessions/1` });
	expect(seen[1]).toBe("POST /nearer Bearer key application/sdp offer");
	expect(round).toMatchObject({ outcome: "refused", reason: "too many redirects" });
});

test.each([
	{ status: 401, body: "", expected: { outcome: "refused", status: 401, reason: "HTTP 401" } },
	{
		status: 403,
		body: '{"detail":"The key was revoked."}',
		expected: { outcome: "refused", reason: "The key was revoked." },
	},
	{
		status: 406,
		body: '{"title":"no-common-codec"}',
		expected: { outcome: "refused", reason: "no-common-codec" },
	},
	{ status: 409, body: "", retryAfter: "7", expected: { outcome: "later", afterMs: 7_000 } },
	{ status: 409, body: "", expected: { outcome: "later", afterMs: 5_000 } },
	{ status: 503, body: "", retryAfter: "3", expected: { outcome: "later", afterMs: 3_000 } },
	{ status: 503, body: "", retryAfter: "999999", expected: { outcome: "later", afterMs: 120_000 } },
	{ status: 500, body: "", expected: { outcome: "later", afterMs: 2_000 } },
	{ status: 201, body: "", expected: { outcome: "refused", reason: "HTTP 201" } },
])(
	"status $status with $body and Retry-After $retryAfter is $expected",
	async ({ status, body, retryAfter, expected }) => {
		const headers = retryAfter === undefined ? {} : { "retry-after": retryAfter };
		const { url } = await serve({ "/whip": { status, headers, body } });

		expect(await new WhipClient(`${url}/whip`, "key").publish("offer")).toMatchObject(expected);
	},
);

test("a server that is away is tried again later", async () => {
	const { url } = await serve({});
	servers.splice(0).forEach((server) => {
		server.close();
	});

	expect(await new WhipClient(`${url}/whip`, "key").publish("offer")).toMatchObject({ outcome: "later" });
	expect(await new WhipClient(`${url}/whip`, "key").end(`${url}/x`)).toBe(false);
});

async function serve(answers: Record<string, Answer>): Promise<{ url: string; seen: string[] }> {
	const seen: string[] = [];
	const server = createServer((request, response) => {
		let body = "";
		request.on("data", (chunk) => {
			body += String(chunk);
		});
		request.on("end", () => {
			const { authorization, "content-type": type } = request.headers;
			seen.push(`${request.method} ${request.url} ${authorization} ${type} ${body}`);
			const answer = answers[request.url ?? ""] ?? { status: 404 };
			response.writeHead(answer.status, answer.headers).end(answer.body);
		});
	});
	servers.push(server);
	await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
	const address = server.address();
	return {
		url: `http://127.0.0.1:${typeof address === "object" && address !== null ? address.port : 0}`,
		seen,
	};
}
