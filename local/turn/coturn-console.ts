import { connect } from "node:net";

/**
 * Ends all sessions of a user by coturn's telnet console, since a session goes on with the key it began with. Returns how many. The console
 * speaks lines: it asks for the password, `ps <user>` lists sessions, `cs <id>` cancels one.
 */
export async function cancelSessions(
	console: { port: number; password: string },
	username: string,
): Promise<number> {
	const socket = connect(console.port, "127.0.0.1");
	socket.setEncoding("latin1");
	socket.setTimeout(CONSOLE_TIMEOUT_MS, () => socket.destroy(new Error("coturn's console does not answer")));
	let received = "";
	let wake: () => void = () => undefined;
	let failure: Error | null = null;
	socket.on("data", (text) => {
		received += String(text);
		wake();
	});
	socket.on("error", (error) => {
		failure = error;
		wake();
	});
	socket.on("close", () => wake());

	async function untilPrompt(prompt: string): Promise<string> {
		while (!received.endsWith(prompt)) {
			if (failure !== null || socket.destroyed) throw failure ?? new Error("coturn's console hung up");
			await new Promise<void>((resolve) => {
				wake = resolve;
			});
		}
		const text = received;
		received = "";
		return text;
	}

	try {
		await untilPrompt("password: \r\n");
		socket.write(`${console.password}\r\n`);
		await untilPrompt("> ");
		socket.write(`ps ${username}\r\n`);
		const ids = Array.from((await untilPrompt("> ")).matchAll(/\bid=(\d+), user </g), (match) => match[1]);
		for (const id of ids) {
			socket.write(`cs ${id}\r\n`);
			await untilPrompt("> ");
		}
		return ids.length;
	} finally {
		socket.destroy();
	}
}

const CONSOLE_TIMEOUT_MS = 3_000;
