import type { StreamAnnouncement } from "../../../protocol/chat.ts";
import type { Livestream } from "../../../protocol/live.ts";

/** What the page has to say about a stream. */
export type WatchPhase = "offline" | "starting" | "live" | "interrupted" | "ended" | "failed";

/** The phase of a stream: what the API said when the page was loaded, and what the chat socket announced since. */
export function watchPhase(stream: Livestream | null, announced: StreamAnnouncement | null): WatchPhase {
	if (stream === null) return announced === null || announced.state === "ended" ? "offline" : "starting";
	// Nothing comes after the end; an announcement that says otherwise is from before a broken connection.
	if (stream.state === "ended" || stream.state === "failed") return stream.state;
	const isSame = announced?.streamID === stream.streamID;
	switch (isSame ? announced.state : stream.state) {
		case "created":
			return "starting";
		case "live":
			return "live";
		case "paused":
			return "interrupted";
		case "ended":
			return "ended";
	}
}

/** Another stream of the channel that went live meanwhile; null if there is none. */
export function newerStream(
	stream: Livestream | null,
	announced: StreamAnnouncement | null,
): StreamAnnouncement | null {
	if (announced === null || announced.state === "ended") return null;
	// Identifiers begin with their time: a later stream sorts behind an earlier one.
	return stream === null || announced.streamID > stream.streamID ? announced : null;
}
