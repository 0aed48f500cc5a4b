import { expect, test } from "vitest";
import { iceServersOf } from "./ice-servers.ts";

test("every ice-server link is taken, other links are not", () => {
	const header =
		'<stun:stun.example:3478>; rel="ice-server", ' +
		'<turn:turn.example:3478?transport=udp>; rel="ice-server"; username="1700:ada, \\"x\\""; credential="a,b;c"; credential-type="password", ' +
		'<https://example/sse>; rel="urn:ietf:params:whep:ext:core:server-sent-events"';

	expect(iceServersOf(header)).toEqual([
		{ urls: "stun:stun.example:3478" },
		{ urls: "turn:turn.example:3478?transport=udp", username: '1700:ada, "x"', credential: "a,b;c" },
	]);
});

test("no header, no servers", () => {
	expect(iceServersOf(null)).toEqual([]);
	expect(iceServersOf("nonsense")).toEqual([]);
});
