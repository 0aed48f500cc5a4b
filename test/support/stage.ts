import { type ChildProcess, spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import { register } from "../../protocol/account.ts";
import { type Channel, createChannel, rotateStreamKey } from "../../protocol/channel.ts";
import { Caller } from "./system.ts";

const PROJECT = fileURLToPath(new URL("../..", import.meta.url));
let count = 0;

/** A streamer with a channel and its key. */
export interface Streamer {
	caller: Caller;
	userName: string;
	channel: Channel;
	streamKey: string;
	whipURL: string;
}

export const PASSWORD = "correct horse battery";

export async function becomeStreamer(url: string): Promise<Streamer> {
	const caller = new Caller(url);
	const userName = `streamer_${++count}_${process.pid}`;
	const { accessToken } = await caller.call(register, { body: { userName, password: PASSWORD } });
	caller.token = accessToken;
	const channel = await caller.call(createChannel, { body: { handle: userName, name: `Channel ${count}` } });
	const { streamKey } = await caller.call(rotateStreamKey, {
		params: { channelID: channel.channelID },
		query: {},
	});
	return { caller, userName, channel, streamKey, whipURL: `${url}/whip/${channel.channelID}` };
}

/** `rostrum go-live testsrc`: a real WebRTC publisher without a browser. */
export class Encoder implements AsyncDisposable {
	readonly output: string[] = [];
	readonly #child: ChildProcess;

	constructor(streamer: Streamer, args: string[] = []) {
		this.#child = spawn(
			process.execPath,
			[
				`${PROJECT}cli/index.ts`,
				"go-live",
				"testsrc",
				"--url",
				streamer.whipURL,
				"--key",
				streamer.streamKey,
				"--json",
				...args,
			],
			{ stdio: ["ignore", "pipe", "pipe"] },
		);
		for (const stream of [this.#child.stdout, this.#child.stderr]) {
			stream?.setEncoding("utf8").on("data", (text: string) => this.output.push(text));
		}
	}

	/** kill -9, as a crash does it. */
	kill(): void {
		this.#child.kill("SIGKILL");
	}

	/** Ctrl-C: it says goodbye. */
	async [Symbol.asyncDispose](): Promise<void> {
		if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
		const isGone = new Promise((resolve) => this.#child.once("exit", resolve));
		this.#child.kill("SIGINT");
		await isGone;
	}
}
