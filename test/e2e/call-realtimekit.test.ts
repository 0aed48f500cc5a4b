import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, expect, test } from "vitest";
import { register } from "../../protocol/account.ts";
import { type Capabilities, createCall, joinCall, updateCall } from "../../protocol/call.ts";
import { Caller, eventually, System } from "../support/system.ts";

const CAPABILITIES: Capabilities = {
	sendCodecs: ["vp8", "opus"],
	recvCodecs: ["vp8", "opus"],
	maxWidth: 640,
	maxHeight: 360,
	maxFps: 15,
};

/** Answers as RealtimeKit's REST API does, and keeps what it was asked. */
let kit: Server;
let system: System;
const asked: { method: string; path: string; body: string }[] = [];

beforeAll(async () => {
	kit = createServer(async (request, response) => {
		const chunks: Buffer[] = [];
		for await (const chunk of request) chunks.push(chunk);
		const path = request.url ?? "";
		asked.push({ method: request.method ?? "", path, body: Buffer.concat(chunks).toString() });
		const data = path.endsWith("/participants")
			? {
					id: `seat-${asked.length}`,
					token: `token-${asked.length}`,
					preset_name: "x",
					custom_participant_id: "x",
				}
			: { id: "meeting-1", title: "x", status: "ACTIVE" };
		response.writeHead(201, { "content-type": "application/json" });
		response.end(JSON.stringify({ success: true, data }));
	});
	await new Promise<void>((listening) => kit.listen(0, "127.0.0.1", listening));
	const { port } = kit.address() as AddressInfo;
	system = await System.start(18_900, {
		CALL_PROVIDER: "realtimekit",
		REALTIMEKIT_API_BASE: `http://127.0.0.1:${port}/client/v4`,
		REALTIMEKIT_ACCOUNT_ID: "account",
		REALTIMEKIT_APP_ID: "app",
		REALTIMEKIT_API_TOKEN: "token",
	});
});
afterAll(async () => {
	await system[Symbol.asyncDispose]();
	kit.closeAllConnections();
	kit.close();
});

test("with RealtimeKit as provider a call is one meeting, a place is a seat in it, and the end ends it", async () => {
	const host = new Caller(system.url);
	const userName = `host_${Date.now()}`;
	host.token = (
		await host.call(register, { body: { userName, password: "correct horse battery" } })
	).accessToken;
	const { callID } = await host.call(createCall, { body: { kind: "video", title: "Stand-up" } });
	const join = () =>
		host.call(joinCall, { params: { callID }, body: { displayName: "Ada", capabilities: CAPABILITIES } });

	const places = await Promise.all([join(), join()]);
	await host.call(updateCall, { params: { callID }, body: { state: "ended" } });
	await eventually(async () => asked.some(({ path }) => path.endsWith("/kick-all")), 5000);

	expect(places.map(({ realtimeKit }) => realtimeKit?.meetingID)).toEqual(["meeting-1", "meeting-1"]);
	expect(new Set(places.map(({ realtimeKit }) => realtimeKit?.authToken)).size).toBe(2);
	expect(asked.filter(({ path }) => path.endsWith("/app/meetings"))).toHaveLength(1);
	expect(asked.some(({ method, body }) => method === "PATCH" && body.includes("INACTIVE"))).toBe(true);
});
