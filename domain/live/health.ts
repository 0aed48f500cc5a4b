import type { StreamHealth } from "../../protocol/live.ts";
import type { BroadcastSnapshot } from "./broadcast.ts";

/** The ingest in words for the studio, from the media program's last report. Advice says what to do. */
export function judgeHealth(broadcast: BroadcastSnapshot, renditions: string[], now: number): StreamHealth {
	const { heartbeat, packaging, state } = broadcast;
	const isFresh = packaging.heartbeatAt !== null && now - packaging.heartbeatAt < 5000;
	const { verdict, advice } = judge(broadcast, isFresh);
	return {
		state,
		verdict,
		advice,
		source: heartbeat && isFresh ? pickSource(heartbeat.source) : null,
		packaging:
			heartbeat && isFresh
				? { lagMs: heartbeat.packaging.lagMs, speed: heartbeat.packaging.speed, renditions }
				: null,
		at: new Date(now).toISOString(),
	};
}

function judge(
	broadcast: BroadcastSnapshot,
	isFresh: boolean,
): { verdict: StreamHealth["verdict"]; advice: string } {
	const { heartbeat, state } = broadcast;
	if (state === "ended") return { verdict: "lost", advice: "The stream has ended." };
	if (state === "paused") {
		return {
			verdict: "lost",
			advice: "No signal. Start your encoder again; viewers are kept waiting for it.",
		};
	}
	if (!broadcast.ingest) return { verdict: "waiting", advice: "Waiting for the encoder to connect." };
	if (!heartbeat || !isFresh)
		return { verdict: "waiting", advice: "Connected. Waiting for the first figures." };
	return judgeSource(heartbeat);
}

function judgeSource(heartbeat: NonNullable<BroadcastSnapshot["heartbeat"]>) {
	const { source, packaging } = heartbeat;
	if (source.state === "waiting") return say("waiting", "Connected. Waiting for the first packet.");
	if (source.state === "silent")
		return say("lost", "No packets are arriving. Check the encoder and your network.");
	if (source.lossPercent > 5) return say("bad", "Many packets are lost. Lower the bitrate or use a cable.");
	if (packaging.speed > 0 && packaging.speed < 0.9) {
		return say(
			"bad",
			"The server cannot encode as fast as you send. Lower the resolution or the frame rate.",
		);
	}
	if (source.videoCodec !== null && source.framesPerSecond < 15) {
		return say("fair", "Few frames arrive. Lower the resolution, or close what keeps your computer busy.");
	}
	if (source.lossPercent > 1) return say("fair", "Some packets are lost and repaired.");
	return say("good", "Everything is fine.");
}

function say(verdict: StreamHealth["verdict"], advice: string) {
	return { verdict, advice };
}

function pickSource(
	source: NonNullable<BroadcastSnapshot["heartbeat"]>["source"],
): NonNullable<StreamHealth["source"]> {
	const { state: _state, ...figures } = source;
	return figures;
}
