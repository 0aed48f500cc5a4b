import { afterAll, expect, test } from "vitest";
import { createCertificate } from "./certificate.ts";
import { buildRtcp } from "./rtcp.ts";
import { buildRtp, isRtcp, parseRtp } from "./rtp.ts";
import { parseSdp, SdpError } from "./sdp.ts";
import {
	closeTransports,
	type MediaTransport,
	openTransport,
	type RemoteTransport,
	remoteTransportOf,
} from "./transport.ts";

const CERTIFICATE = createCertificate(Date.now());
const MUX_PORT = 18_791;
const SCTP = { port: 5000, maxMessageSizeBytes: 262_144 };

afterAll(closeTransports);

type Roles = { serverSetup: "active" | "passive"; sctp?: { port: number; maxMessageSizeBytes: number } };

function remoteOf(peer: MediaTransport, over: Partial<RemoteTransport>): RemoteTransport {
	return { ...peer.local, localSetup: "passive", iceLite: false, candidates: [], ...over };
}

async function connect(roles: Roles): Promise<{ server: MediaTransport; client: MediaTransport }> {
	const server = openTransport({ certificate: CERTIFICATE, udp: { muxPort: MUX_PORT } });
	const client = openTransport({ certificate: createCertificate(Date.now()), udp: {} });
	const open = Promise.all([opened(server), opened(client)]);
	const sctp = roles.sctp ? { sctp: roles.sctp } : {};
	server.start(remoteOf(client, { localSetup: roles.serverSetup, ...sctp }));
	client.start(
		remoteOf(server, {
			localSetup: roles.serverSetup === "active" ? "passive" : "active",
			iceLite: true,
			candidates: [`candidate:1 1 udp 2130706431 127.0.0.1 ${MUX_PORT} typ host`],
			...sctp,
		}),
	);
	await open;
	return { server, client };
}

function opened(transport: MediaTransport): Promise<void> {
	return new Promise((resolve) => transport.onOpen(resolve));
}

function nextPacket(transport: MediaTransport): Promise<Buffer> {
	return new Promise((resolve) => transport.onPacket(resolve));
}

const PACKET = buildRtp({
	marker: true,
	payloadType: 111,
	sequenceNumber: 5,
	timestamp: 6,
	ssrc: 0x12345678,
	payload: Buffer.from("sound"),
});

test.each([{ serverSetup: "passive" as const }, { serverSetup: "active" as const }])(
	"RTP of any SSRC and RTCP cross in both directions when the server's DTLS role is %j",
	async (roles) => {
		const { server, client } = await connect(roles);
		const atServer = nextPacket(server);
		const atClient = nextPacket(client);

		client.sendPacket(PACKET);
		server.sendPacket(buildRtcp([{ type: "picture-loss", senderSsrc: 1, mediaSsrc: 0x12345678 }]));

		expect(parseRtp(await atServer)).toMatchObject({ ssrc: 0x12345678, payloadType: 111 });
		expect(isRtcp(await atClient)).toBe(true);
		client.close();
		server.close();
	},
);

test("many sessions share the server's one port", async () => {
	const pairs = await Promise.all(Array.from({ length: 12 }, () => connect({ serverSetup: "passive" })));

	const arrivals = pairs.map(({ server }) => nextPacket(server));
	for (const [index, { client }] of pairs.entries()) {
		client.sendPacket(
			buildRtp({
				marker: false,
				payloadType: 96,
				sequenceNumber: 1,
				timestamp: 1,
				ssrc: index,
				payload: PACKET,
			}),
		);
	}

	const ssrcs = (await Promise.all(arrivals)).map((packet) => parseRtp(packet)?.ssrc);
	expect(ssrcs).toEqual(pairs.map((_, index) => index));
	for (const { server, client } of pairs) {
		client.close();
		server.close();
	}
});

test("a peer that closes is noticed", async () => {
	const { server, client } = await connect({ serverSetup: "passive", sctp: SCTP });
	const closed = new Promise<void>((resolve) => server.onClose(resolve));
	await echoes(server, client);

	client.close();

	await closed;
	expect(server.isOpen).toBe(false);
	expect(server.sendPacket(PACKET)).toBe(false);
});

async function echoes(server: MediaTransport, client: MediaTransport): Promise<string | Buffer> {
	const options = { id: 3, label: "chat", ordered: true };
	const left = server.openDataChannel(options);
	const right = client.openDataChannel(options);
	await Promise.all([
		new Promise<void>((resolve) => left.onOpen(resolve)),
		new Promise<void>((resolve) => right.onOpen(resolve)),
	]);
	left.onMessage((message) => void left.send(message));
	const echo = new Promise<string | Buffer>((resolve) => right.onMessage(resolve));
	right.send(Buffer.alloc(100_000, 7));
	return await echo;
}

test("data channels negotiated from the start carry large messages", async () => {
	const { server, client } = await connect({ serverSetup: "passive", sctp: SCTP });

	expect(await echoes(server, client)).toEqual(Buffer.alloc(100_000, 7));
	client.close();
	server.close();
});

const CREDENTIALS = `a=ice-ufrag:abcd\r\na=ice-pwd:${"x".repeat(24)}\r\n`;
const FINGERPRINT = `a=fingerprint:sha-256 ${"AB:".repeat(31)}CD\r\n`;

test.each([
	["actpass", "passive", "passive"],
	["actpass", "active", "active"],
	["passive", "passive", "active"],
	["active", "active", "passive"],
])("a peer that says %s while we prefer %s makes us %s", (setup, preferred, expected) => {
	const session = parseSdp(`v=0\r\nm=audio 9 X 0\r\n${CREDENTIALS}${FINGERPRINT}a=setup:${setup}\r\n`);
	const whenActpass = preferred === "active" ? "active" : "passive";

	const remote = remoteTransportOf(session, { whenActpass, withCandidates: true });

	expect(remote.localSetup).toBe(expected);
});

test.each([
	["no credentials", `v=0\r\nm=audio 9 X 0\r\n${FINGERPRINT}`],
	["no fingerprint", `v=0\r\nm=audio 9 X 0\r\n${CREDENTIALS}`],
	["no media", "v=0\r\n"],
])("a description with %s is refused", (_name, sdp) => {
	expect(() => remoteTransportOf(parseSdp(sdp), { whenActpass: "active", withCandidates: false })).toThrow(
		SdpError,
	);
});
