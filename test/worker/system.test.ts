import { describe, expect, test } from "vitest";
import { ENDPOINTS } from "../../protocol/endpoints.ts";
import { ERROR_STATUS } from "../../protocol/errors.ts";
import { makeChannel, registerUser, send } from "./client.ts";

describe("without a single secret", () => {
	test("the Worker is healthy and ready, and names what is missing", async () => {
		const health = await send("GET", "/healthz");
		const ready = await send("GET", "/readyz");

		expect(await health.json()).toMatchObject({ status: "ok" });
		expect(ready.status).toBe(200);
		expect(await ready.json()).toEqual({
			status: "ready",
			dependencies: {
				database: "ok",
				storage: "ok",
				objects: "ok",
				sfu: "missing",
				turn: "missing",
				media: "missing",
			},
		});
	});

	test("WHIP and WHEP say that Realtime is not set up", async () => {
		const owner = await registerUser();
		const { channelID } = await makeChannel(owner);
		const { streamKey } = await (
			await send("POST", `/channels/${channelID}/stream-key`, { token: owner.accessToken })
		).json<{ streamKey: string }>();
		const offer = [
			"v=0",
			"o=- 1 1 IN IP4 0.0.0.0",
			"s=-",
			"t=0 0",
			"a=ice-ufrag:abcd",
			"a=ice-pwd:0123456789012345678901",
			"a=fingerprint:sha-256 AA:BB",
			"m=audio 9 UDP/TLS/RTP/SAVPF 111",
			"a=mid:0",
			"a=sendonly",
			"a=rtpmap:111 opus/48000/2",
			"",
		].join("\r\n");

		const reply = await send("POST", `/whip/${channelID}`, {
			token: streamKey,
			body: offer,
			headers: { "content-type": "application/sdp" },
		});

		expect(reply.status).toBe(503);
		expect(await reply.json()).toMatchObject({ code: "realtime-not-configured" });
	});
});

describe("the API's description", () => {
	test("lists every endpoint of the table under a name of its own", async () => {
		const { paths } = await (await send("GET", "/openapi.json")).json<{
			paths: Record<string, Record<string, { operationId: string }>>;
		}>();

		const listed = Object.values(paths).flatMap((methods) =>
			Object.values(methods).map((operation) => operation.operationId),
		);
		expect(listed.toSorted()).toEqual(ENDPOINTS.map((endpoint) => endpoint.operationID).toSorted());
		expect(new Set(listed).size).toBe(listed.length);
	});

	test("every endpoint that asks for an account refuses a caller without one, with a problem", async () => {
		const secured = ENDPOINTS.filter((endpoint) => endpoint.auth === "user" || endpoint.auth === "owner");

		for (const endpoint of secured) {
			const path = endpoint.path.replace(/:[A-Za-z]+/g, "ch_01ARZ3NDEKTSV4RRFFQ69G5FAV");
			const reply = await send(endpoint.method, path, endpoint.method === "GET" ? {} : { body: {} });
			expect([endpoint.operationID, reply.status]).toEqual([endpoint.operationID, 401]);
			expect(reply.headers.get("content-type")).toBe("application/problem+json");
		}
	});

	test("every error code that an endpoint names exists and has a page", async () => {
		const named = ENDPOINTS.flatMap((endpoint) => endpoint.errors ?? []);

		for (const code of named) expect(Object.keys(ERROR_STATUS)).toContain(code);
		expect((await send("GET", "/problems/no-common-codec")).status).toBe(200);
		expect((await send("GET", "/problems/constructor")).status).toBe(404);
	});
});

describe("the media program's entrance", () => {
	const base = "/internal/live/st_01ARZ3NDEKTSV4RRFFQ69G5FAV/1";

	test.each([
		["no token", undefined],
		["a forged token", "abc.def"],
		["nonsense", "x"],
	])("with %s is closed", async (_what, token) => {
		const replies = await Promise.all([
			send("PUT", base, { body: {}, ...(token ? { token } : {}) }),
			send("POST", `${base}/heartbeat`, { body: {}, ...(token ? { token } : {}) }),
			send("POST", `${base}/close`, { ...(token ? { token } : {}) }),
			send("PUT", `${base}/720p-h264/0/0?time=0&duration=1&independent=1&last=0`, {
				body: "x",
				...(token ? { token } : {}),
			}),
		]);

		expect(replies.map((reply) => reply.status)).toEqual([401, 401, 401, 401]);
	});
});

describe("media addresses", () => {
	test.each([
		"master.m3u8",
		"manifest.mpd",
		"720p-h264/playlist.m3u8",
		"720p-h264/seg/1.m4s",
		"720p-h264/seg/init-1.mp4",
	])("%s without a signature is refused", async (file) => {
		const reply = await send("GET", `/media/st_01ARZ3NDEKTSV4RRFFQ69G5FAV/${file}`);

		expect(await reply.json()).toMatchObject({ status: 403, code: "bad-signature" });
	});
});
