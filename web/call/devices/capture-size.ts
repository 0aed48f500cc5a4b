import type { Capabilities } from "../../../protocol/call.ts";

/** "Video quality" of the lobby. */
export const VIDEO_HEIGHTS = ["auto", "1080", "720", "360", "180"] as const;
export type VideoHeight = (typeof VIDEO_HEIGHTS)[number];

export interface CaptureSize {
	width: number;
	height: number;
	frameRate: number;
}

/** What this machine is and hangs on; null: the browser does not tell. */
export interface MachineFacts {
	cores: number | null;
	/** Shorter side of the screen in device pixels. */
	screenHeight: number;
	/** `navigator.connection.type`. */
	networkType: string | null;
	/** `navigator.connection.downlink`, Mbit/s, cut off at 10 by browsers. */
	downlinkMbps: number | null;
	savesData: boolean;
}

/** Two cores encode one 720p picture beside everything else, four encode the three layers of 1080p. */
export function cpuClassOf(cores: number | null): NonNullable<Capabilities["cpuClass"]> {
	if (cores === null) return "mid";
	if (cores <= 2) return "low";
	return cores <= 4 ? "mid" : "high";
}

/** How large the camera is opened. */
export function captureSize(choice: VideoHeight, facts: MachineFacts): CaptureSize {
	const height = choice === "auto" ? automaticHeight(facts) : Number(choice);
	return { width: Math.round((height * 16) / 9), height, frameRate: height <= 180 ? 15 : 30 };
}

function automaticHeight(facts: MachineFacts): number {
	if (facts.savesData || facts.networkType === "cellular") return 360;
	const wanted = cpuClassOf(facts.cores) === "high" ? 1080 : 720;
	// Nobody sees more lines than their screen has; what is sent is the least that all can show.
	return facts.screenHeight < 720 ? 360 : Math.min(wanted, facts.screenHeight < 1080 ? 720 : 1080);
}
