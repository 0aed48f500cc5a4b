import { spawnSync } from "node:child_process";
import { readFileSync, rmSync } from "node:fs";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
	callJson,
	IS_CLOUDFLARE,
	RealtimeCaller,
	type RealtimeService,
	startRealtime,
} from "../support/realtime.ts";

let service: RealtimeService;
let api: RealtimeCaller;

beforeAll(async () => {
	service = await startRealtime(19_100, { LOCAL_UNCONNECTED_MS: "60000" });
	api = new RealtimeCaller(service);
});
afterAll(async () => service[Symbol.asyncDispose]());

/** A microphone and a camera with two layers, as a browser offers them. */
const OFFER = [
	"v=0",
	"o=- 1 1 IN IP4 0.0.0.0",
	"s=-",
	"t=0 0",
	"a=group:BUNDLE 0 1",
	"a=extmap-allow-mixed",
	"m=audio 9 UDP/TLS/RTP/SAVPF 111",
	"c=IN IP4 0.0.0.0",
	"a=mid:0",
	"a=ice-ufrag:abcd",
	`a=ice-pwd:${"x".repeat(24)}`,
	`a=fingerprint:sha-256 ${"AB:".repeat(31)}CD`,
	"a=setup:actpass",
	"a=sendonly",
	"a=rtcp-mux",
	"a=extmap:1 urn:ietf:params:rtp-hdrext:sdes:mid",
	"a=rtpmap:111 opus/48000/2",
	"a=fmtp:111 minptime=10;useinbandfec=1",
	"a=ssrc:1234 cname:x",
	"m=video 9 UDP/TLS/RTP/SAVPF 96 97",
	"c=IN IP4 0.0.0.0",
	"a=mid:1",
	"a=ice-ufrag:abcd",
	`a=ice-pwd:${"x".repeat(24)}`,
	`a=fingerprint:sha-256 ${"AB:".repeat(31)}CD`,
	"a=setup:actpass",
	"a=sendonly",
	"a=rtcp-mux",
	"a=extmap:1 urn:ietf:params:rtp-hdrext:sdes:mid",
	"a=extmap:2 urn:ietf:params:rtp-hdrext:sdes:rtp-stream-id",
	"a=rtpmap:96 VP8/90000",
	"a=rtcp-fb:96 nack pli",
	"a=rtpmap:97 rtx/90000",
	"a=fmtp:97 apt=96",
	"a=rid:a send",
	"a=rid:b send",
	"a=simulcast:send a;b",
	"",
].join("\r\n");

const REMOTE = { location: "remote", sessionId: "0".repeat(32), trackName: "camera" };

describe("who may call", () => {
	test("a call without the app's secret is 401 unauthorized", async () => {
		const url = `${service.baseURL}/apps/${service.appID}/sessions/new`;

		const without = await callJson(url, { method: "POST" });
		const withWrong = await callJson(url, { method: "POST", token: "wrong" });

		expect(without).toMatchObject({ status: 401, body: { errorCode: "unauthorized" } });
		expect(withWrong).toMatchObject({ status: 401, body: { errorCode: "unauthorized" } });
	});

	test("an unknown app is 404 not_found", async () => {
		const reply = await callJson(`${service.baseURL}/apps/${"f".repeat(32)}/sessions/new`, {
			method: "POST",
			token: service.appSecret,
		});

		expect(reply).toMatchObject({ status: 404, body: { errorCode: "not_found" } });
	});
});

describe("sessions", () => {
	test("a new session is 201 with an id of 32 hex digits, whatever the query says", async () => {
		const reply = await api.call("POST", "/sessions/new?correlationId=x&streamDebug");

		expect(reply).toMatchObject({
			status: 201,
			body: { sessionId: expect.stringMatching(/^[0-9a-f]{32}$/) },
		});
	});

	test("a session may begin with an offer, which is answered", async () => {
		const reply = await api.call("POST", "/sessions/new", {
			sessionDescription: { type: "offer", sdp: OFFER },
		});

		expect(reply).toMatchObject({
			status: 201,
			body: { sessionId: expect.any(String), sessionDescription: { type: "answer" } },
		});
	});

	test("a session that never was is 410 session_error", async () => {
		const reply = await api.call("POST", `/sessions/${"0".repeat(32)}/tracks/new`, { tracks: [REMOTE] });

		expect(reply).toMatchObject({ status: 410, body: { errorCode: "session_error" } });
	});

	test("a fresh session has neither tracks nor data channels", async () => {
		const reply = await api.call("GET", `/sessions/${await api.newSession()}`);

		expect(reply).toMatchObject({ status: 200, body: { tracks: [], dataChannels: [] } });
	});

	test("the 51st call within a second is 429, other sessions are free", async () => {
		const busy = await api.newSession();
		const other = await api.newSession();

		const replies = await Promise.all(Array.from({ length: 60 }, () => api.call("GET", `/sessions/${busy}`)));
		const free = await api.call("GET", `/sessions/${other}`);

		const statuses = replies.map((reply) => reply.status);
		expect(statuses.filter((status) => status === 200)).toHaveLength(50);
		expect(statuses.filter((status) => status === 429)).toHaveLength(10);
		expect(free.status).toBe(200);
	});
});

describe("what a call must look like", () => {
	test.each([undefined, "text/plain;charset=UTF-8", "application/json"])(
		"JSON is read whatever Content-Type says (%s)",
		async (contentType) => {
			const path = `/apps/${service.appID}/sessions/${await api.newSession()}/tracks/new`;

			const reply = await callJson(service.baseURL + path, {
				method: "POST",
				token: service.appSecret,
				body: JSON.stringify({ tracks: [REMOTE] }),
				...(contentType === undefined ? {} : { headers: { "content-type": contentType } }),
			});

			expect(reply).toMatchObject({
				status: 200,
				body: { tracks: [{ errorCode: "not_found_track_error" }] },
			});
		},
	);

	test.each([
		["no JSON", "{"],
		["a string for tracks", JSON.stringify({ tracks: "all" })],
		["a location that does not exist", JSON.stringify({ tracks: [{ location: "moon" }] })],
	])("%s is 400 decoding_error", async (_name, body) => {
		const reply = await api.call("POST", `/sessions/${await api.newSession()}/tracks/new`, body);

		expect(reply).toMatchObject({ status: 400, body: { errorCode: "decoding_error" } });
	});

	test("more than 64 tracks are 406 invalid_params", async () => {
		const tracks = Array.from({ length: 65 }, () => REMOTE);

		const reply = await api.call("POST", `/sessions/${await api.newSession()}/tracks/new`, { tracks });

		expect(reply).toMatchObject({ status: 406, body: { errorCode: "invalid_params" } });
	});

	test("local and remote tracks in one call are 406 invalid_params", async () => {
		const tracks = [REMOTE, { location: "local", mid: "0", trackName: "camera" }];

		const reply = await api.call("POST", `/sessions/${await api.newSession()}/tracks/new`, { tracks });

		expect(reply).toMatchObject({ status: 406, body: { errorCode: "invalid_params" } });
	});

	test.each([
		["nothing", ""],
		["no SDP", "hello"],
		[
			"SDP without ICE credentials",
			"v=0\r\no=- 1 1 IN IP4 0.0.0.0\r\nm=audio 9 UDP/TLS/RTP/SAVPF 0\r\na=mid:0\r\n",
		],
	])("%s in the place of an offer is 406 invalid_session_description", async (_name, sdp) => {
		const reply = await api.call("POST", `/sessions/${await api.newSession()}/tracks/new`, {
			autoDiscover: true,
			sessionDescription: { type: "offer", sdp },
		});

		expect(reply).toMatchObject({ status: 406, body: { errorCode: "invalid_session_description" } });
	});

	test.skipIf(IS_CLOUDFLARE)("a body of 3 MB is 413 payload_too_large", async () => {
		const reply = await api.call("POST", `/sessions/${await api.newSession()}/tracks/new`, {
			autoDiscover: true,
			sessionDescription: { type: "offer", sdp: "x".repeat(3_000_000) },
		});

		expect(reply).toMatchObject({ status: 413, body: { errorCode: "payload_too_large" } });
	});

	test.skipIf(IS_CLOUDFLARE)("no offer, however mangled, is anything but answered or refused", async () => {
		const lines = OFFER.split("\r\n");
		const mangled = fc
			.array(fc.record({ at: fc.nat(lines.length - 1), from: fc.nat(lines.length - 1), by: fc.string() }), {
				minLength: 1,
				maxLength: 6,
			})
			.map((changes) => {
				const copy = [...lines];
				for (const [index, { at, from, by }] of changes.entries()) {
					const line = copy[from] ?? "";
					copy[at] = [line, `${copy[at]}${by}`, line.slice(0, line.length / 2), ""][index % 4] ?? "";
				}
				return copy.join("\r\n");
			});

		await fc.assert(
			fc.asyncProperty(mangled, async (sdp) => {
				const { status } = await api.call("POST", `/sessions/${await api.newSession()}/tracks/new`, {
					autoDiscover: true,
					sessionDescription: { type: "offer", sdp },
				});

				expect([200, 406]).toContain(status);
			}),
			{ numRuns: 150 },
		);
	});

	test("an answer that nobody waits for is 406 invalid_session_description", async () => {
		const reply = await api.call("PUT", `/sessions/${await api.newSession()}/renegotiate`, {
			sessionDescription: { type: "answer", sdp: "v=0\r\n" },
		});

		expect(reply).toMatchObject({ status: 406, body: { errorCode: "invalid_session_description" } });
	});
});

describe("items fail one by one", () => {
	test("a track of an unknown session fails inside a 200, without a mid and without an offer", async () => {
		const reply = await api.tracksNew(await api.newSession(), { tracks: [REMOTE] });

		expect(reply.tracks).toMatchObject([
			{ mid: "", errorCode: "not_found_track_error", trackName: "camera" },
		]);
		expect(reply.sessionDescription).toBeUndefined();
		expect(reply.requiresImmediateRenegotiation ?? false).toBe(false);
	});

	test("closing a mid that is not there fails inside a 200", async () => {
		const reply = await api.close(await api.newSession(), { tracks: [{ mid: "7" }], force: true });

		expect(reply.tracks).toMatchObject([{ mid: "7", errorCode: "close_track_error" }]);
	});

	test("publishing a mid that the offer does not have fails inside a 200", async () => {
		const reply = await api.tracksNew(await api.newSession(), {
			sessionDescription: { type: "offer", sdp: OFFER },
			tracks: [
				{ location: "local", mid: "0", trackName: "microphone" },
				{ location: "local", mid: "9", trackName: "camera" },
			],
		});

		expect(reply.tracks?.[0]).toMatchObject({ mid: "0", trackName: "microphone" });
		expect(reply.tracks?.[1]?.errorCode).toBeTypeOf("string");
	});
});

describe.skipIf(IS_CLOUDFLARE)("faults are ordered by the admin API alone", () => {
	const admin = (method: string, path: string, body?: unknown) => {
		if (service.standIn === null) throw new Error("no stand-in");
		const { adminURL, adminToken } = service.standIn;
		return callJson(adminURL + path, { method, token: adminToken, body });
	};

	test("the public API does not know it, and it wants its own token", async () => {
		const throughPublic = await callJson(`${service.baseURL.replace("/v1", "")}/faults`, {
			method: "PUT",
			token: service.standIn?.adminToken ?? "",
			body: { calls: [{ status: 500 }] },
		});
		const withAppSecret = await callJson(`${service.standIn?.adminURL}/faults`, {
			method: "GET",
			token: service.appSecret,
		});

		expect(throughPublic.status).toBe(404);
		expect(withAppSecret.status).toBe(401);
		expect(await admin("GET", "/faults")).toMatchObject({ status: 200, body: { calls: [] } });
	});

	test("a script fails as many calls as it says, and the same seed fails the same ones", async () => {
		const script = { seed: 7, calls: [{ path: "sessions/new", probability: 0.5, status: 503 }] };
		const run = async () => {
			await admin("PUT", "/faults", script);
			const statuses = [];
			for (let index = 0; index < 20; index += 1)
				statuses.push((await api.call("POST", "/sessions/new")).status);
			return statuses;
		};

		const [first, second] = [await run(), await run()];
		await admin("DELETE", "/faults");

		expect(first).toEqual(second);
		expect(new Set(first)).toEqual(new Set([201, 503]));
		expect((await api.call("POST", "/sessions/new")).status).toBe(201);
	});

	test("an answer may be lost after the call was done", async () => {
		await admin("PUT", "/faults", {
			calls: [{ path: "sessions/new", phase: "after", status: 500, times: 1 }],
		});
		const countBefore = await sessionCount();

		const reply = await api.call("POST", "/sessions/new");
		await admin("DELETE", "/faults");

		expect(reply).toMatchObject({ status: 500, body: { errorCode: "internal_error" } });
		expect(await sessionCount()).toBe(countBefore + 1);
	});

	test("answers come out of order when they are delayed", async () => {
		await admin("PUT", "/faults", {
			calls: [{ path: "sessions/new", latencyMs: { min: 400, max: 400 }, times: 1 }],
		});
		const order: string[] = [];

		await Promise.all([
			api.call("POST", "/sessions/new").then(() => order.push("first")),
			api.call("GET", `/sessions/${"0".repeat(32)}`).then(() => order.push("second")),
		]);
		await admin("DELETE", "/faults");

		expect(order).toEqual(["second", "first"]);
	});

	async function sessionCount(): Promise<number> {
		const { body } = await callJson(`${service.baseURL.replace("/v1", "")}/healthz`, { method: "GET" });
		return Number(Object.entries(body ?? {}).find(([name]) => name === "sessions")?.[1]);
	}
});

test.skipIf(IS_CLOUDFLARE)("a session that nobody connects to expires", async () => {
	await using shortLived = await startRealtime(19_120, { LOCAL_UNCONNECTED_MS: "300" });
	const caller = new RealtimeCaller(shortLived);
	const sessionID = await caller.newSession();
	expect((await caller.call("GET", `/sessions/${sessionID}`)).status).toBe(200);

	await expect.poll(async () => (await caller.call("GET", `/sessions/${sessionID}`)).status).toBe(410);
});

test.skipIf(IS_CLOUDFLARE)(
	"a stand-in that was killed is back at its next start, and so is its TURN server",
	async () => {
		const killed = await startRealtime(19_120);
		const standIn = killed.standIn;
		if (standIn === null) throw new Error("no stand-in");
		const ended = new Promise((resolve) => standIn.process.once("exit", resolve));
		const coturnPid = Number(readFileSync(`${standIn.stateDirectory}/turn/coturn.pid`, "utf8"));
		standIn.process.kill("SIGKILL");
		await ended;

		await using next = await startRealtime(19_120, { LOCAL_STATE_DIR: standIn.stateDirectory });

		expect((await new RealtimeCaller(next).call("POST", "/sessions/new")).status).toBe(201);
		const turn = await callJson(
			`${next.baseURL}/turn/keys/${next.turn?.keyID}/credentials/generate-ice-servers`,
			{ method: "POST", token: next.turn?.token ?? "", body: { ttl: 60 } },
		);
		expect(turn.status).toBe(201);
		await expect.poll(() => isAlive(coturnPid), { timeout: 5_000 }).toBe(false);
		rmSync(standIn.stateDirectory, { recursive: true, force: true });
	},
);

/** A zombie that nobody has collected yet is dead. */
function isAlive(pid: number): boolean {
	const { stdout } = spawnSync("ps", ["-o", "stat=", "-p", String(pid)], { encoding: "utf8" });
	return stdout.trim() !== "" && !stdout.startsWith("Z");
}
