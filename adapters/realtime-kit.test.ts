import { createServer, type IncomingMessage, type Server } from "node:http";
import { afterEach, expect, test } from "vitest";
import { AppError } from "../protocol/errors.ts";
import { ParticipantID } from "../protocol/ids.ts";
import { RealtimeKit } from "./realtime-kit.ts";

type Reply = { status: number; body: unknown };
type Seen = { method: string; path: string; authorization: string; body: unknown };

const PARTICIPANT = ParticipantID.parse("pt_01JD6M9V6E8Q2Z3X4C5V6B7N8M");
const servers: Server[] = [];

/** Answers in the shapes of the `cloudflare` package 7.3.0, resources/realtime-kit/meetings and active-session. */
const MEETING = {
	success: true,
	data: {
		id: "bbb5f8c5-1f66-4c64-a2a8-27f0b2a6f1a3",
		title: "Stand-up",
		status: "ACTIVE",
		created_at: "2026-11-21T10:00:00.000Z",
		updated_at: "2026-11-21T10:00:00.000Z",
		persist_chat: false,
		record_on_start: false,
		live_stream_on_start: false,
	},
};
const PARTICIPANT_ADDED = {
	success: true,
	data: {
		id: "aaa7ad01-6c46-4f9b-9ee5-08dcab8a1f64",
		token: "header.payload.signature",
		name: "Ada",
		picture: null,
		preset_name: "group_call_host",
		custom_participant_id: PARTICIPANT,
		created_at: "2026-11-21T10:00:01.000Z",
		updated_at: "2026-11-21T10:00:01.000Z",
	},
};
const KICKED = { success: true, data: { action: "kick", participants: [] } };
const MISSING = { status: 404, body: { success: false, errors: [{ code: 404, message: "not found" }] } };

afterEach(() => {
	for (const server of servers.splice(0)) {
		server.closeAllConnections();
		server.close();
	}
});

test("a meeting is made with the call's title, without recording, stream or kept chat", async () => {
	const { kit, seen } = await serve([{ status: 201, body: MEETING }]);

	expect(await kit.createMeeting("Stand-up")).toBe(MEETING.data.id);
	expect(seen).toEqual([
		{
			method: "POST",
			path: "/client/v4/accounts/account%201/realtime/kit/app-1/meetings",
			authorization: "Bearer token",
			body: {
				title: "Stand-up",
				record_on_start: false,
				live_stream_on_start: false,
				persist_chat: false,
			},
		},
	]);
});

test.each([
	{ isHost: true, preset: "group_call_host" },
	{ isHost: false, preset: "group_call_participant" },
])("a place is asked for under our id, with a name, as $preset", async ({ isHost, preset }) => {
	const { kit, seen } = await serve([{ status: 201, body: PARTICIPANT_ADDED }]);

	const place = await kit.addParticipant({
		meetingID: MEETING.data.id,
		participantID: PARTICIPANT,
		displayName: "Ada",
		isHost,
	});

	expect(place).toEqual({
		meetingID: MEETING.data.id,
		seatID: PARTICIPANT_ADDED.data.id,
		authToken: "header.payload.signature",
	});
	expect(seen).toMatchObject([
		{
			method: "POST",
			path: `/client/v4/accounts/account%201/realtime/kit/app-1/meetings/${MEETING.data.id}/participants`,
			body: { custom_participant_id: PARTICIPANT, preset_name: preset, name: "Ada" },
		},
	]);
});

test("whoever is removed loses the token first, then the place; nobody there is no error", async () => {
	const { kit, seen } = await serve([MISSING, { status: 200, body: KICKED }]);

	await kit.removeParticipant({ meetingID: "m1", seatID: "s1" });

	expect(seen.map(({ method, path, body }) => [method, path.split("/app-1")[1], body])).toEqual([
		["DELETE", "/meetings/m1/participants/s1", null],
		["POST", "/meetings/m1/active-session/kick", { participant_ids: ["s1"], custom_participant_ids: [] }],
	]);
});

test("a meeting that ends is closed, then emptied", async () => {
	const { kit, seen } = await serve([{ status: 200, body: MEETING }, MISSING]);

	await kit.endMeeting("m1");

	expect(seen.map(({ method, path, body }) => [method, path.split("/app-1")[1], body])).toEqual([
		["PATCH", "/meetings/m1", { status: "INACTIVE" }],
		["POST", "/meetings/m1/active-session/kick-all", null],
	]);
});

test("a refusal becomes an sfu-error that keeps the status and, inside, Cloudflare's reason", async () => {
	const { kit } = await serve([
		{ status: 403, body: { success: false, errors: [{ code: 10000, message: "Authentication error" }] } },
	]);

	const error = await kit.createMeeting("x").catch((caught: unknown) => caught);

	expect(error).toBeInstanceOf(AppError);
	expect(error).toMatchObject({
		code: "sfu-error",
		members: { provider: "realtimekit", providerStatus: 403 },
		cause: { message: "10000: Authentication error" },
	});
});

test.each([
	["a success that has no token", { success: true, data: { id: "s1" } }],
	["a failure with status 200", { success: false, data: PARTICIPANT_ADDED.data }],
])("%s is an error, not a place", async (_, body) => {
	const { kit } = await serve([{ status: 200, body }]);

	await expect(
		kit.addParticipant({
			meetingID: "m1",
			participantID: PARTICIPANT,
			displayName: "Ada",
			isHost: false,
		}),
	).rejects.toMatchObject({ code: "sfu-error", members: { providerStatus: 200 } });
});

test("a service that does not answer is an error within the time limit", async () => {
	const { kit } = await serve(["never"], 100);

	await expect(kit.createMeeting("x")).rejects.toMatchObject({
		code: "sfu-error",
		members: { providerStatus: 0 },
	});
});

/** An HTTP server that gives the replies in order. */
async function serve(
	replies: (Reply | "never")[],
	timeoutMs = 2_000,
): Promise<{ kit: RealtimeKit; seen: Seen[] }> {
	const seen: Seen[] = [];
	const server = createServer((request, response) => {
		void readAll(request).then((text) => {
			const reply = replies[seen.length];
			seen.push({
				method: request.method ?? "",
				path: request.url ?? "",
				authorization: request.headers.authorization ?? "",
				body: text === "" ? null : JSON.parse(text),
			});
			if (reply !== undefined && reply !== "never") {
				response.writeHead(reply.status).end(JSON.stringify(reply.body));
			}
		});
	});
	servers.push(server);
	await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
	const address = server.address();
	const port = typeof address === "object" && address !== null ? address.port : 0;
	const kit = new RealtimeKit({
		baseURL: `http://127.0.0.1:${port}/client/v4/`,
		accountID: "account 1",
		appID: "app-1",
		apiToken: "token",
		presets: { member: "group_call_participant", host: "group_call_host" },
		timeoutMs,
	});
	return { kit, seen };
}

async function readAll(request: IncomingMessage): Promise<string> {
	let text = "";
	for await (const chunk of request) text += String(chunk);
	return text;
}
