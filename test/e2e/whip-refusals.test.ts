import { afterAll, beforeAll, expect, test } from "vitest";
import { revokeStreamKey } from "../../protocol/channel.ts";
import { Problem } from "../../protocol/errors.ts";
import { getLivestream, getStreamHealth } from "../../protocol/live.ts";
import { becomeStreamer, Encoder, type Streamer } from "../support/stage.ts";
import { eventually, System } from "../support/system.ts";

let system: System;
let streamer: Streamer;
let encoder: Encoder;

beforeAll(async () => {
	system = await System.start(18_200);
	streamer = await becomeStreamer(system.url);
	encoder = new Encoder(streamer);
	await eventually(isFlowing, 20_000);
});
afterAll(async () => {
	await encoder[Symbol.asyncDispose]();
	await system[Symbol.asyncDispose]();
});

async function isFlowing(): Promise<boolean> {
	const { streamID, state } = await streamer.caller.call(getLivestream, {
		params: { channelID: streamer.channel.channelID },
	});
	const health = await streamer.caller.call(getStreamHealth, { params: { streamID } });
	return (
		state === "live" &&
		(health.source?.lastPacketAgeMs ?? 9999) < 1000 &&
		(health.source?.framesPerSecond ?? 0) > 10
	);
}

function post(
	body: string,
	options: { key?: string | null; type?: string; path?: string; headers?: Record<string, string> } = {},
) {
	const { key = streamer.streamKey, type = "application/sdp", path = "", headers } = options;
	return fetch(`${streamer.whipURL}${path}`, {
		method: "POST",
		headers: {
			"content-type": type,
			...(key === null ? {} : { authorization: `Bearer ${key}` }),
			...headers,
		},
		body,
	});
}

const HEAD =
	"v=0\r\no=- 1 1 IN IP4 0.0.0.0\r\ns=-\r\nt=0 0\r\na=group:BUNDLE 0\r\na=ice-ufrag:abcd\r\na=ice-pwd:0123456789012345678901\r\na=fingerprint:sha-256 " +
	`${Array.from({ length: 32 }, () => "AB").join(":")}\r\na=setup:actpass\r\n`;
const media = (codec: string) =>
	`m=video 9 UDP/TLS/RTP/SAVPF 96\r\nc=IN IP4 0.0.0.0\r\na=mid:0\r\na=sendonly\r\na=rtcp-mux\r\na=rtpmap:96 ${codec}/90000\r\n`;
const GOOD = HEAD + media("VP8");

test.each([
	["no key", GOOD, { key: null }, 401, "unauthenticated"],
	["a wrong key", GOOD, { key: "sk_wrong" }, 401, "unauthenticated"],
	["another type", GOOD, { type: "text/plain" }, 415, "unsupported-media-type"],
	["malformed SDP", "v=0\r\nnonsense", {}, 400, "malformed-sdp"],
	["an empty body", "", {}, 400, "malformed-sdp"],
	["a megabyte of SDP", `${GOOD}${"a=x:y\r\n".repeat(150_000)}`, {}, 413, "payload-too-large"],
	["no common codec", HEAD + media("H261"), {}, 406, "no-common-codec"],
	["nothing to send", GOOD.replace("sendonly", "recvonly"), {}, 422, "unsupported-offer"],
	["a second encoder", GOOD, {}, 409, "other-encoder-live"],
	[
		"a stream that is not waiting",
		GOOD,
		{ path: "?streamID=st_01ARZ3NDEKTSV4RRFFQ69G5FAV" },
		404,
		"not-found",
	],
])(
	"%s is refused with a problem, and the live stream is undisturbed",
	async (_what, body, options, status, code) => {
		const reply = await post(body, options);

		expect(reply.headers.get("content-type")).toBe("application/problem+json");
		expect(Problem.parse(await reply.json())).toMatchObject({ status, code });
		expect(await isFlowing()).toBe(true);
	},
);

test("somebody else's session can be neither read, patched nor ended", async () => {
	const stranger = await becomeStreamer(system.url);
	const session = `${streamer.whipURL}/sessions/${crypto.randomUUID()}`;
	const foreign = { authorization: `Bearer ${stranger.streamKey}` };
	const own = { authorization: `Bearer ${streamer.streamKey}` };

	const statuses = await Promise.all([
		fetch(session, { method: "DELETE", headers: foreign }),
		fetch(session, { method: "DELETE", headers: own }),
		fetch(session, { method: "GET", headers: own }),
		fetch(session, {
			method: "PATCH",
			headers: { ...own, "content-type": "application/trickle-ice-sdpfrag", "if-match": "*" },
			body: "a=ice-ufrag:abcd\r\na=ice-pwd:0123456789012345678901\r\n",
		}),
	]);

	expect(statuses.map((reply) => reply.status)).toEqual([403, 404, 404, 404]);
	expect(await isFlowing()).toBe(true);
});

test("a session's PATCH asks for its ETag: 428 without, 412 with a stale one, 204 with it", async () => {
	const quiet = await becomeStreamer(system.url);
	const created = await fetch(quiet.whipURL, {
		method: "POST",
		headers: { "content-type": "application/sdp", authorization: `Bearer ${quiet.streamKey}` },
		body: GOOD,
	});
	const session = new URL(created.headers.get("location") ?? "", quiet.whipURL).href;
	const patch = async (headers: Record<string, string>, type = "application/trickle-ice-sdpfrag") =>
		(
			await fetch(session, {
				method: "PATCH",
				headers: { authorization: `Bearer ${quiet.streamKey}`, "content-type": type, ...headers },
				body: "a=ice-ufrag:abcd\r\na=ice-pwd:0123456789012345678901\r\na=candidate:1 1 udp 1 127.0.0.1 9 typ host\r\n",
			})
		).status;

	expect(created.status).toBe(201);
	expect(created.headers.get("link")).toContain('rel="ice-server"');
	expect(created.headers.get("etag")).toMatch(/^"[^"]+"$/);
	expect(await patch({})).toBe(428);
	expect(await patch({ "if-match": '"stale"' })).toBe(412);
	expect(await patch({ "if-match": created.headers.get("etag") ?? "" })).toBe(204);
	expect(await patch({ "if-match": created.headers.get("etag") ?? "" }, "application/json")).toBe(415);
});

test("a viewer of a channel that is not live is told when to come back", async () => {
	const offline = await becomeStreamer(system.url);

	const reply = await fetch(`${system.url}/whep/${offline.channel.channelID}`, {
		method: "POST",
		headers: { "content-type": "application/sdp" },
		body: GOOD.replace("sendonly", "recvonly"),
	});

	expect(reply.status).toBe(409);
	expect(Number(reply.headers.get("retry-after"))).toBeGreaterThan(0);
});

test("a viewer whose offer cannot receive what is sent gets a counter-offer", async () => {
	const reply = await fetch(`${system.url}/whep/${streamer.channel.channelID}`, {
		method: "POST",
		headers: { "content-type": "application/sdp" },
		body: "",
	});

	expect(reply.status).toBe(406);
	expect(reply.headers.get("content-type")).toBe("application/sdp");
	expect(await reply.text()).toMatch(/^v=0[\s\S]*m=video[\s\S]*a=sendonly/);
	const session = new URL(reply.headers.get("location") ?? "", system.url).href;
	expect((await fetch(session, { method: "DELETE" })).status).toBe(200);
	expect((await fetch(`${session}x`, { method: "DELETE" })).status).toBe(404);
});

test("revoking the key cuts the encoder off", async () => {
	const other = await becomeStreamer(system.url);
	await using _cut = new Encoder(other);
	await eventually(
		async () =>
			(await other.caller.call(getLivestream, { params: { channelID: other.channel.channelID } })).state ===
			"live",
		15_000,
	);

	await other.caller.call(revokeStreamKey, { params: { channelID: other.channel.channelID } });

	await eventually(
		async () =>
			(await other.caller.call(getLivestream, { params: { channelID: other.channel.channelID } })).state ===
			"paused",
		5000,
	);
	expect(
		(await fetch(other.whipURL, { headers: { authorization: `Bearer ${other.streamKey}` } })).status,
	).toBe(403);
});
