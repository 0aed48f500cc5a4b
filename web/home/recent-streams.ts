import { type Channel, getChannel } from "../../protocol/channel.ts";
import { type Livestream, listRecentStreams } from "../../protocol/live.ts";
import { call } from "../shell/api.ts";

export interface RecentStream {
	channel: Channel;
	stream: Livestream;
}

const SHOWN = 8;

/** What ended lately, on any channel. */
export async function loadRecentStreams(signal: AbortSignal): Promise<RecentStream[]> {
	const query = { state: "ended" as const, limit: SHOWN };
	const { items: streams } = await call(listRecentStreams, { query }, { signal });
	const channels = await loadChannels(streams, signal);
	return streams.flatMap((stream) => {
		const channel = channels.get(stream.channelID);
		return channel === undefined || stream.startedAt === null ? [] : [{ channel, stream }];
	});
}

async function loadChannels(
	streams: readonly Livestream[],
	signal: AbortSignal,
): Promise<Map<string, Channel>> {
	const ids = [...new Set(streams.map((stream) => stream.channelID))];
	const channels = await Promise.all(
		ids.map((channelID) => call(getChannel, { params: { channelID } }, { signal })),
	);
	return new Map(channels.map((channel) => [channel.channelID, channel]));
}
