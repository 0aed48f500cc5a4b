import { execFile } from "node:child_process";
import type { AddressInfo } from "node:net";
import { hostname } from "node:os";
import { promisify } from "node:util";
import { serve } from "@hono/node-server";
import { log } from "../adapters/log.ts";
import { RealtimeSfu } from "../adapters/realtime-sfu.ts";
import { createCertificate } from "../webrtc/certificate.ts";
import { closeTransports } from "../webrtc/transport.ts";
import { MediaConfig } from "./config.ts";
import { createHttpApi } from "./http.ts";
import { LiveJobs } from "./live-jobs.ts";
import { openVodJobs } from "./vod/open-vod-jobs.ts";

const config = MediaConfig.parse(process.env);
const ffmpegVersion = await readFfmpegVersion(config.ffmpegPath);
const jobs = new LiveJobs(
	{
		sfu: new RealtimeSfu(config.realtime),
		certificate: createCertificate(Date.now()),
		ffmpegPath: config.ffmpegPath,
		preset: config.preset,
	},
	{ maxJobs: config.maxJobs },
);
const vod = await openVodJobs({
	...config.vod,
	ffmpegPath: config.ffmpegPath,
	worker: `${hostname()}:${config.port}`,
});
const app = createHttpApi({ jobs, vod: vod.jobs, token: config.token, ffmpegVersion });
const server = serve({ fetch: app.fetch, hostname: config.host, port: config.port }, announce);
for (const signal of ["SIGTERM", "SIGINT"] as const) process.on(signal, () => void shutDown(signal));

let isShuttingDown = false;

/** Takes no more jobs, flushes those that run, and ends. A second signal ends at once. */
async function shutDown(signal: string): Promise<void> {
	if (isShuttingDown) process.exit(1);
	isShuttingDown = true;
	log.info("media.stopping", { signal });
	server.close();
	await Promise.all([jobs.stopAll(), vod.close()]);
	closeTransports();
	process.exit(0);
}

function announce({ address, port }: AddressInfo): void {
	log.info("media.started", {
		address,
		port,
		ffmpeg: ffmpegVersion,
		sfu: new URL(config.realtime.baseURL).host,
		isConfigured: config.realtime.appID !== "",
	});
}

/** `5.1.9-0+deb12u1` out of `ffmpeg version 5.1.9-0+deb12u1 Copyright …`; throws if there is no ffmpeg. */
async function readFfmpegVersion(path: string): Promise<string> {
	const { stdout } = await promisify(execFile)(path, ["-version"], { timeout: 10_000 });
	return /^ffmpeg version (\S+)/.exec(stdout)?.[1] ?? "unknown";
}
