import { useEffect } from "preact/hooks";
import type { StreamID } from "../../../protocol/ids.ts";
import { postViews } from "../../../protocol/live.ts";
import type { ChatRoom } from "../../chat/chat-room.ts";
import { viewerSessionID } from "../../chat/viewer-session.ts";
import { call } from "../../shell/api.ts";
import type { RostrumPlayer } from "../player/player-element.tsx";

/** CONTRACT §5 row 52: every 30 s keeps a viewer counted for 45 s. */
const EVERY_MS = 30_000;

/** Keeps this viewer counted while the picture runs and the chat socket, which counts by itself, is not there. */
export function useViewBeacon(player: RostrumPlayer | null, room: ChatRoom, streamID: StreamID | null): void {
	useEffect(() => {
		if (player === null || streamID === null) return;
		let hasReported = false;
		const report = (type: "heartbeat" | "end") => {
			const positionMs = Math.max(0, (player.video?.currentTime ?? 0) * 1000);
			const event = { type, at: new Date().toISOString(), positionMs };
			const body = { viewerSessionID: viewerSessionID(), events: [event] };
			call(postViews, { params: { streamID }, body }, { keepalive: type === "end" }).catch(() => {
				// Only a count: the next beat comes in 30 s.
			});
		};
		const timer = setInterval(() => {
			const isPlaying = player.model.state.value === "playing";
			if (!isPlaying || room.connection.value.kind === "open") return;
			hasReported = true;
			report("heartbeat");
		}, EVERY_MS);
		return () => {
			clearInterval(timer);
			if (hasReported) report("end");
		};
	}, [player, room, streamID]);
}
