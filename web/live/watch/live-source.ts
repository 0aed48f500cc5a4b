import type { Channel } from "../../../protocol/channel.ts";
import {
	getCdnURL,
	getStream,
	type LatencyMode,
	type Livestream,
	type Manifests,
} from "../../../protocol/live.ts";
import { ApiError, call } from "../../shell/api.ts";
import type { PlayerSource } from "../player/source.ts";

/** The part of a channel that playing needs. */
type Broadcaster = Pick<Channel, "channelID" | "name">;

/** How the player gets at a stream: live while it is on, the recording when it is over. */
export function sourceOf({
	channel,
	stream,
	kind,
	mode,
}: {
	channel: Broadcaster;
	stream: Pick<Livestream, "streamID" | "title">;
	kind: PlayerSource["kind"];
	mode: LatencyMode;
}): PlayerSource {
	return {
		streamID: stream.streamID,
		title: stream.title,
		artist: channel.name,
		kind,
		mode,
		whepURL: kind === "live" ? `/whep/${channel.channelID}` : null,
		loadManifests: (signal) =>
			kind === "live" ? loadLive(channel, stream, signal) : loadRecording(stream, signal),
	};
}

/** The live addresses; those of the stream itself when the channel is not live (any more, or yet). */
async function loadLive(
	channel: Broadcaster,
	stream: Pick<Livestream, "streamID">,
	signal: AbortSignal,
): Promise<Manifests> {
	try {
		const { channelID } = channel;
		const { manifests, streamID } = await call(getCdnURL, { params: { channelID } }, { signal });
		if (streamID === stream.streamID) return manifests;
	} catch (error) {
		if (!(error instanceof ApiError) || error.problem.code !== "not-live") throw error;
	}
	return await loadRecording(stream, signal);
}

async function loadRecording(
	{ streamID }: Pick<Livestream, "streamID">,
	signal: AbortSignal,
): Promise<Manifests> {
	return (await call(getStream, { params: { streamID } }, { signal })).manifests;
}
