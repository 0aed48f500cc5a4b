#!/usr/bin/env node
import { closeTransports } from "../webrtc/transport.ts";
import { type GoLiveOptions, readArguments, USAGE, UsageError } from "./arguments.ts";
import { goLive } from "./go-live.ts";
import { jsonReporter, textReporter } from "./reporter.ts";

const EXIT_CODES = { asked: 0, failed: 1, usage: 2, refused: 3 } as const;

process.exit(await main());

async function main(): Promise<number> {
	try {
		const options = readArguments(process.argv.slice(2), process.env);
		if (options !== null) return await run(options);
		process.stdout.write(USAGE);
		return EXIT_CODES.asked;
	} catch (error) {
		if (!(error instanceof UsageError)) throw error;
		process.stderr.write(`${error.message}\n\n${USAGE}`);
		return EXIT_CODES.usage;
	}
}

async function run(options: GoLiveOptions): Promise<number> {
	const write = (text: string) => void process.stdout.write(text);
	const report = options.json ? jsonReporter(write) : textReporter(write, process.stdout.isTTY === true);
	const stop = new AbortController();
	for (const signal of ["SIGINT", "SIGTERM"] as const) {
		process.on(signal, () => {
			// The second time the person means it.
			if (stop.signal.aborted) process.exit(EXIT_CODES.failed);
			stop.abort();
		});
	}
	const end = await goLive(options, report, stop.signal);
	closeTransports();
	return EXIT_CODES[end.reason];
}
