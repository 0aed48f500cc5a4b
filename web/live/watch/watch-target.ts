import { type Channel, getChannel } from "../../../protocol/channel.ts";
import { ChannelReference, StreamID } from "../../../protocol/ids.ts";
import { getStream, type Livestream } from "../../../protocol/live.ts";
import { call } from "../../shell/api.ts";

/** What an address of `/watch/:id` leads to. */
export interface WatchTarget {
	channel: Channel;
	/** Null: the channel is not live. */
	stream: Livestream | null;
	/** The address names this very stream, so the page stays with it when another one begins. */
	isPinned: boolean;
}

/** An address that names nothing. */
export class NoSuchPageError extends Error {}

/** Looks up `ch_…`, `@handle` or `st_…`. Ends in NoSuchPageError or what `call` ends in. */
export async function loadTarget(id: string, signal: AbortSignal): Promise<WatchTarget> {
	const streamID = StreamID.safeParse(id);
	if (streamID.success) {
		const stream = await call(getStream, { params: { streamID: streamID.data } }, { signal });
		const channel = await call(getChannel, { params: { channelID: stream.channelID } }, { signal });
		return { channel, stream, isPinned: true };
	}
	const reference = ChannelReference.safeParse(id);
	if (!reference.success) throw new NoSuchPageError(`${id} is neither a stream nor a channel`);
	const channel = await call(getChannel, { params: { channelID: reference.data } }, { signal });
	const current = channel.currentStreamInfo?.streamID;
	const stream =
		current === undefined ? null : await call(getStream, { params: { streamID: current } }, { signal });
	return { channel, stream, isPinned: false };
}
