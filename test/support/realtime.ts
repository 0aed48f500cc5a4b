import { type ChildProcess, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { fileURLToPath } from "node:url";
import * as z from "zod";
import { SessionState, TracksReply } from "../../protocol/realtime-api.ts";
import type { NetworkHost } from "./network-host.ts";

const PROJECT = fileURLToPath(new URL("../..", import.meta.url));

/** The service under test: Cloudflare's if its credentials are set, else the stand-in as a process of its own. */
export type RealtimeService = AsyncDisposable & {
	baseURL: string;
	appID: string;
	appSecret: string;
	turn: { keyID: string; token: string } | null;
	/** Null at Cloudflare. */
	standIn: StandIn | null;
};

export type StandIn = { process: ChildProcess; adminURL: string; adminToken: string; stateDirectory: string };

/**
 * `settings` are environment variables of the stand-in; its HTTP, UDP, TURN, admin and TURN over TLS port count from `firstPort` on. It runs
 * on this machine, unless a host of a `Network` is named.
 */
export async function startRealtime(
	firstPort: number,
	settings: Record<string, string> = {},
	host?: NetworkHost,
): Promise<RealtimeService> {
	const { REALTIME_APP_ID: appID, REALTIME_APP_SECRET: appSecret } = process.env;
	if (appID && appSecret) return cloudflare(appID, appSecret);
	return await startStandIn(firstPort, settings, host);
}

/** True if the suite runs against Cloudflare: tests that order faults cannot. */
export const IS_CLOUDFLARE = Boolean(process.env.REALTIME_APP_ID && process.env.REALTIME_APP_SECRET);

function cloudflare(appID: string, appSecret: string): RealtimeService {
	const { TURN_KEY_ID: keyID, TURN_KEY_API_TOKEN: token } = process.env;
	return {
		baseURL: process.env.REALTIME_API_BASE ?? "https://rtc.live.cloudflare.com/v1",
		appID,
		appSecret,
		turn: keyID && token ? { keyID, token } : null,
		standIn: null,
		[Symbol.asyncDispose]: async () => undefined,
	};
}

async function startStandIn(
	firstPort: number,
	settings: Record<string, string>,
	host: NetworkHost | undefined,
): Promise<RealtimeService> {
	const secret = randomBytes(16).toString("hex");
	const adminToken = randomBytes(16).toString("hex");
	const stateDirectory = settings.LOCAL_STATE_DIR ?? mkdtempSync(`${tmpdir()}/rostrum-realtime-`);
	const address = host?.address ?? "127.0.0.1";
	const [program = "", ...args] = [
		...(host?.commandPrefix ?? []),
		process.execPath,
		`${PROJECT}local/index.ts`,
	];
	const child = spawn(program, args, {
		env: {
			PATH: process.env.PATH,
			...(host === undefined ? {} : { LOCAL_HOST: address, LOCAL_ADDRESSES: address }),
			LOCAL_REALTIME_PORT: String(firstPort),
			LOCAL_MEDIA_PORT: String(firstPort + 1),
			LOCAL_TURN_PORT: String(firstPort + 2),
			LOCAL_TURN_TLS_PORT: String(firstPort + 4),
			LOCAL_ADMIN_PORT: String(firstPort + 3),
			LOCAL_ADMIN_TOKEN: adminToken,
			LOCAL_APP_ID: "contract",
			LOCAL_APP_SECRET: secret,
			LOCAL_TURN_KEY_ID: "contract-turn",
			LOCAL_TURN_KEY_TOKEN: secret,
			LOCAL_STATE_DIR: stateDirectory,
			...settings,
		},
		stdio: ["ignore", "inherit", "inherit", "ipc"],
	});
	await new Promise<void>((resolve, reject) => {
		child.once("message", () => resolve());
		child.once("exit", (code) => reject(new Error(`the stand-in ended with ${code}`)));
	});
	return {
		baseURL: `http://${address}:${firstPort}/v1`,
		appID: "contract",
		appSecret: secret,
		turn: { keyID: "contract-turn", token: secret },
		standIn: {
			process: child,
			adminURL: `http://${address}:${firstPort + 3}`,
			adminToken,
			stateDirectory,
		},
		[Symbol.asyncDispose]: async () => {
			if (child.exitCode === null && child.signalCode === null) {
				const ended = new Promise((resolve) => child.once("exit", resolve));
				child.kill("SIGTERM");
				await ended;
			}
			if (settings.LOCAL_STATE_DIR === undefined) rmSync(stateDirectory, { recursive: true, force: true });
		},
	};
}

export type Reply = { status: number; body: unknown };

/** Calls of the API as they stand in its documentation, with nothing hidden. */
export class RealtimeCaller {
	readonly #service: RealtimeService;

	constructor(service: RealtimeService) {
		this.#service = service;
	}

	async call(method: string, path: string, body?: unknown): Promise<Reply> {
		const { baseURL, appID, appSecret } = this.#service;
		return await callJson(`${baseURL}/apps/${appID}${path}`, { method, token: appSecret, body });
	}

	async newSession(): Promise<string> {
		const { status, body } = await this.call("POST", "/sessions/new");
		if (status !== 201) throw new Error(`sessions/new: ${status} ${JSON.stringify(body)}`);
		return z.object({ sessionId: z.string() }).parse(body).sessionId;
	}

	/** `tracks/new`, expected to succeed as a call. */
	async tracksNew(sessionID: string, body: unknown): Promise<z.infer<typeof TracksReply>> {
		return TracksReply.parse(await this.#expect200("POST", `/sessions/${sessionID}/tracks/new`, body));
	}

	async renegotiate(sessionID: string, sdp: string): Promise<void> {
		await this.#expect200("PUT", `/sessions/${sessionID}/renegotiate`, {
			sessionDescription: { type: "answer", sdp },
		});
	}

	async update(sessionID: string, tracks: unknown[]): Promise<z.infer<typeof TracksReply>> {
		return TracksReply.parse(
			await this.#expect200("PUT", `/sessions/${sessionID}/tracks/update`, { tracks }),
		);
	}

	async close(sessionID: string, body: unknown): Promise<z.infer<typeof TracksReply>> {
		return TracksReply.parse(await this.#expect200("PUT", `/sessions/${sessionID}/tracks/close`, body));
	}

	async state(sessionID: string): Promise<SessionState> {
		return SessionState.parse(await this.#expect200("GET", `/sessions/${sessionID}`));
	}

	async #expect200(method: string, path: string, body?: unknown): Promise<unknown> {
		const reply = await this.call(method, path, body);
		if (reply.status !== 200) throw new Error(`${path}: ${reply.status} ${JSON.stringify(reply.body)}`);
		return reply.body;
	}
}

export async function callJson(
	url: string,
	options: { method: string; token?: string; body?: unknown; headers?: Record<string, string> },
): Promise<Reply> {
	const response = await fetch(url, {
		method: options.method,
		headers: {
			...(options.token === undefined ? {} : { authorization: `Bearer ${options.token}` }),
			...options.headers,
		},
		...(options.body === undefined
			? {}
			: { body: typeof options.body === "string" ? options.body : JSON.stringify(options.body) }),
	});
	const text = await response.text();
	return { status: response.status, body: text === "" ? null : JSON.parse(text) };
}
