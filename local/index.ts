import type { AddressInfo } from "node:net";
import { createAdaptorServer, type ServerType } from "@hono/node-server";
import type { Hono } from "hono";
import { createCertificate } from "../webrtc/certificate.ts";
import { closeTransports } from "../webrtc/transport.ts";
import { adminApp } from "./admin.ts";
import { readConfig } from "./config.ts";
import { Faults } from "./faults.ts";
import { publicApp } from "./http.ts";
import { log } from "./log.ts";
import { IceFront } from "./sfu/ice-front.ts";
import { Sfu } from "./sfu/sfu.ts";
import { startTurn } from "./turn/turn.ts";

const config = readConfig(process.env);
const faults = new Faults();
const [firstRelayPort = 0, lastRelayPort = 0] = config.turn.relayPorts.split("-").map(Number);
const sfu = new Sfu({
	certificate: createCertificate(Date.now()),
	muxPort: config.mediaPort,
	announcedAddresses: config.addresses,
	front: await IceFront.listen(config.restartPort),
	admitsToFront: ({ address, port }) =>
		config.addresses.includes(address) && port >= firstRelayPort && port <= lastRelayPort,
	limits: config.limits,
	uplinkCapBps: config.uplinkCapBps,
	usesTransportCc: config.usesTransportCc,
	dropsPacket: (sessionID, direction) => faults.dropsPacket(sessionID, direction),
});
const turn = await startTurn({
	program: config.turn.program,
	port: config.turn.port,
	tlsPort: config.turn.tlsPort,
	addresses: config.addresses,
	relayPorts: config.turn.relayPorts,
	consolePassword: config.turn.consolePassword,
	stateDirectory: config.stateDirectory,
});

const servers: ServerType[] = [];
const httpPort = await listen(publicApp({ config, sfu, turn, faults }), config.httpPort);
const { token } = config.admin;
const adminPort = token === null ? null : await listen(adminApp({ token, sfu, faults }), config.admin.port);

const ready = {
	url: `http://${config.host}:${httpPort}/v1`,
	mediaPort: config.mediaPort,
	adminPort,
	turn: turn !== null,
};
log.info("realtime.ready", ready);
process.send?.({ type: "ready", ...ready });

process.once("SIGTERM", () => void stop());
process.once("SIGINT", () => void stop());
process.once("disconnect", () => void stop());

async function listen(app: Hono, port: number): Promise<number> {
	const server = createAdaptorServer({ fetch: app.fetch });
	servers.push(server);
	await new Promise<void>((resolve, reject) => {
		server.once("error", reject);
		server.listen(port, config.host, resolve);
	});
	const address: AddressInfo | string | null = server.address();
	return address === null || typeof address === "string" ? port : address.port;
}

async function stop(): Promise<void> {
	for (const server of servers) server.close();
	await turn?.stop();
	sfu.close();
	closeTransports();
	log.info("realtime.stopped");
	process.exit(0);
}
