import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { fileURLToPath } from "node:url";
import { WebSocket } from "ws";
import * as z from "zod";
import { ChatServerFrame } from "../protocol/chat.ts";

const ROUNDS = 5;
const READERS = [100, 1000];
/** Five lines a second for six seconds: a quiet room. The owner may write 100 in 30 s. */
const LINES = 15;
const LINE_MS = 200;

interface Delays {
	p50Ms: number;
	p99Ms: number;
	received: number;
}

/**
 * A quiet room: from a line's sending to its arrival at every socket, through the ChatHub in miniflare (row in SQLite
 * included) and through a bare `ws` server that only forwards, in turns within one run.
 */
export async function measureQuietChat() {
	const rounds: { readers: number; hub: Delays; ws: Delays }[] = [];
	await using hub = await startHub();
	await using peer = await startPeer();
	for (const readers of READERS) {
		for (let round = 0; round < ROUNDS; round++) {
			rounds.push({ readers, hub: await measure(hub.open, readers), ws: await measure(peer.open, readers) });
		}
	}
	const ratios = READERS.map((readers) => {
		const own = rounds.filter((round) => round.readers === readers);
		return { readers, p50: spread(own, "p50Ms"), p99: spread(own, "p99Ms") };
	});
	return { what: "hub ÷ ws, median of rounds [min, max]", ratios, rounds };
}

function spread(rounds: { hub: Delays; ws: Delays }[], figure: "p50Ms" | "p99Ms") {
	const ratios = rounds.map((round) => round.hub[figure] / round.ws[figure]).sort((a, b) => a - b);
	return { median: ratios[Math.floor(ratios.length / 2)], min: ratios[0], max: ratios.at(-1) };
}

interface Room {
	reader: () => WebSocket;
	author: WebSocket;
	frameOf: (text: string) => string;
	/** What a reader says first, and is answered: until then it may get lines twice, live and as history. */
	hello: string | null;
}
type Open = () => Promise<Room>;

async function measure(open: Open, readers: number): Promise<Delays> {
	const { reader, author, frameOf, hello } = await open();
	const sockets = Array.from({ length: readers }, reader);
	const delays: number[] = [];
	for (const socket of sockets) {
		socket.on("message", (data) => {
			for (const match of String(data).matchAll(/"sent (\d+\.\d+)"/g))
				delays.push(performance.now() - Number(match[1]));
		});
	}
	await Promise.all([author, ...sockets].map((socket) => joined(socket, hello)));
	await pause(1500);
	for (let line = 0; line < LINES; line++) {
		author.send(frameOf(`sent ${performance.now().toFixed(3)}`));
		await pause(LINE_MS);
	}
	await pause(1000);
	for (const socket of [author, ...sockets]) socket.terminate();
	await pause(500);
	delays.sort((a, b) => a - b);
	const at = (share: number) => delays[Math.floor((delays.length - 1) * share)] ?? Number.NaN;
	return { p50Ms: at(0.5), p99Ms: at(0.99), received: delays.length / (LINES * readers) };
}

function joined(socket: WebSocket, hello: string | null): Promise<void> {
	return new Promise((resolve, reject) => {
		socket.once("error", reject);
		const greet = () => {
			if (hello === null) {
				resolve();
				return;
			}
			socket.once("message", () => resolve());
			socket.send(hello);
		};
		if (socket.readyState === WebSocket.OPEN) greet();
		else socket.once("open", greet);
	});
}

function pause(ms: number): Promise<void> {
	return new Promise((resolve) => setTimeout(resolve, ms));
}

const Registered = z.object({ accessToken: z.string() });
const Made = z.object({ channelID: z.string() });
const Ticket = z.object({ ticket: z.string() });

/** The product, started as users start it. Each round gets a channel of its own. */
async function startHub() {
	const port = 18_900;
	const url = `http://127.0.0.1:${port}`;
	const stateDir = mkdtempSync(`${tmpdir()}/rostrum-bench-`);
	const child = spawn(process.execPath, [fileURLToPath(new URL("../scripts/start.ts", import.meta.url))], {
		env: { ...process.env, PORT: String(port), STATE_DIR: stateDir, ROSTRUM_SKIP_WEB_BUILD: "1" },
		stdio: ["ignore", "ignore", "inherit", "ipc"],
	});
	await new Promise((resolve) => child.once("message", resolve));
	let count = 0;
	const post = async (path: string, body: object, token?: string): Promise<unknown> => {
		const headers = {
			"content-type": "application/json",
			...(token ? { authorization: `Bearer ${token}` } : {}),
		};
		return (await fetch(url + path, { method: "POST", headers, body: JSON.stringify(body) })).json();
	};
	const open: Open = async () => {
		const name = `bench_${++count}`;
		const { accessToken } = Registered.parse(
			await post("/auth/register", { userName: name, password: "correct horse battery" }),
		);
		const { channelID } = Made.parse(await post("/channels", { handle: name, name }, accessToken));
		const { ticket } = Ticket.parse(
			await post("/ws-tickets", { audience: "chat", resource: channelID }, accessToken),
		);
		const socketURL = `ws://127.0.0.1:${port}/channels/${channelID}/live-stream`;
		const author = new WebSocket(socketURL, ["chat.v1", `ticket.${ticket}`]);
		author.on("message", (data) => {
			for (const frame of [ChatServerFrame.parse(JSON.parse(String(data)))].flat()) {
				if (frame.t === "error") throw new Error(`the hub refused a line: ${frame.code}`);
			}
		});
		return {
			author,
			reader: () => new WebSocket(socketURL, ["chat.v1"]),
			frameOf: (message) => JSON.stringify({ message }),
			hello: JSON.stringify({ t: "hello" }),
		};
	};
	return {
		open,
		async [Symbol.asyncDispose]() {
			const isGone = new Promise((resolve) => child.once("exit", resolve));
			child.kill("SIGTERM");
			await isGone;
			rmSync(stateDir, { recursive: true, force: true });
		},
	};
}

/** A bare `ws` server in a process of its own: forwards each line to all. */
async function startPeer() {
	const port = 18_950;
	const child = spawn(
		process.execPath,
		[fileURLToPath(new URL("ws-peer.ts", import.meta.url)), String(port)],
		{
			stdio: ["ignore", "ignore", "inherit", "ipc"],
		},
	);
	await new Promise((resolve) => child.once("message", resolve));
	const connect = () => new WebSocket(`ws://127.0.0.1:${port}`);
	const open: Open = async () => ({
		author: connect(),
		reader: connect,
		frameOf: (message) => JSON.stringify({ message }),
		hello: null,
	});
	return {
		open,
		async [Symbol.asyncDispose]() {
			child.kill();
		},
	};
}
