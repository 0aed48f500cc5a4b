import type { Engine, EngineParts } from "./engine.ts";
import type { PlayerMode } from "./source.ts";

/** The engine for a mode; its code is loaded when it is first needed. */
export async function createEngine(mode: PlayerMode, parts: EngineParts): Promise<Engine> {
	const { whepURL } = parts.source;
	if (mode === "realtime" && whepURL !== null && canRealtime()) {
		const { WhepEngine } = await import("./whep-engine.ts");
		return new WhepEngine(parts, whepURL);
	}
	if (!("MediaSource" in window) && !("ManagedMediaSource" in window)) {
		const { NativeHlsEngine } = await import("./native-hls-engine.ts");
		return new NativeHlsEngine(parts);
	}
	const { HlsEngine } = await import("./hls-engine.ts");
	return new HlsEngine(parts, { isLowLatency: mode === "low" });
}

/** Whether this browser can do WebRTC at all; some companies switch it off. */
export function canRealtime(): boolean {
	return typeof RTCPeerConnection === "function";
}
