import { formatBytes, formatTimeLeft } from "./speed-meter.ts";
import type { UploadPhase } from "./upload-phase.ts";

interface Figures {
	readBytes: number;
	sentBytes: number;
	sizeBytes: number;
	bytesPerSecond: number | null;
	timeLeftMs: number | null;
}

/** How an upload stands, in a line for its owner. */
export function uploadWords(phase: UploadPhase, figures: Figures): string {
	const { readBytes, sentBytes, sizeBytes } = figures;
	const percent = (bytes: number) => `${sizeBytes === 0 ? 0 : Math.floor((bytes / sizeBytes) * 100)} %`;
	switch (phase.kind) {
		case "queued":
			return "Waits for its turn";
		case "fingerprinting":
			return `Reading the file · ${percent(readBytes)}`;
		case "uploading":
			return join(`Uploading · ${percent(sentBytes)}`, of(figures), speed(figures), left(figures));
		case "paused":
			return join(`Paused · ${percent(sentBytes)}`, of(figures));
		case "offline":
			return `Offline · ${percent(sentBytes)} is there. It goes on by itself.`;
		case "completing":
			return "All sent. The server puts it together…";
		case "needs-file":
			return phase.problem ?? `Not finished · ${percent(sentBytes)}. The server has kept what was sent.`;
		case "elsewhere":
			return "Another tab of this browser is sending it.";
		case "sent":
			return "Uploaded";
		case "duplicate":
			return "You have this very file already: nothing was sent.";
		case "failed":
			return phase.problem;
	}
}

/** The same without figures, for being read out when it changes. */
export function phaseWords(phase: UploadPhase): string {
	switch (phase.kind) {
		case "queued":
			return "waits for its turn";
		case "fingerprinting":
			return "is being read";
		case "uploading":
			return "is being uploaded";
		case "paused":
			return "paused";
		case "offline":
			return "offline";
		case "completing":
			return "all sent";
		case "needs-file":
			return phase.problem ?? "not finished";
		case "elsewhere":
			return "is being sent by another tab";
		case "sent":
			return "uploaded";
		case "duplicate":
			return "you have this very file already";
		case "failed":
			return phase.problem;
	}
}

function of({ sentBytes, sizeBytes }: Figures): string {
	return `${formatBytes(sentBytes)} of ${formatBytes(sizeBytes)}`;
}

function speed({ bytesPerSecond }: Figures): string {
	return bytesPerSecond === null ? "" : `${formatBytes(Math.round(bytesPerSecond))}/s`;
}

function left({ timeLeftMs }: Figures): string {
	return formatTimeLeft(timeLeftMs);
}

function join(...parts: string[]): string {
	return parts.filter((part) => part !== "").join(" · ");
}
