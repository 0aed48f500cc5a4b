import { ulid } from "ulidx";
import type { ChannelRow } from "../../adapters/database/channel-table.ts";
import type { LivestreamRow } from "../../adapters/database/livestream-table.ts";
import { signMediaAccess } from "../../adapters/media-signature.ts";
import { AppError } from "../../protocol/errors.ts";
import { StreamID } from "../../protocol/ids.ts";
import {
	createLivestream,
	getCdnURL,
	getLivestream,
	getStream,
	getStreamHealth,
	getWatcherCount,
	type Livestream,
	type LivestreamState,
	listRecentStreams,
	listStreams,
	postViews,
	updateLivestream,
} from "../../protocol/live.ts";
import { openChatSocket } from "../chat-socket.ts";
import { decodeCursor, encodeCursor } from "../cursor.ts";
import { type App, type AppContext, requireIdentity, route } from "../route.ts";
import type { Services } from "../services.ts";
import { ownedChannel } from "./channel.ts";

export function mountLive(app: App): void {
	route(app, createLivestream, async ({ params, body, services, context, ...call }) => {
		const channel = await ownedChannel(services, params.channelID, requireIdentity(call));
		const row = await createStream(services, channel, body);
		context.header("Location", `/streams/${row.streamID}`);
		return viewStream(context, services, row);
	});

	route(app, getLivestream, async ({ params, services, context, identity }) => {
		const channel = await services.channels.get(params.channelID);
		if (context.req.header("upgrade")?.toLowerCase() === "websocket") {
			return openChatSocket(context, services, { channel, identity });
		}
		return viewStream(context, services, await currentStream(services, channel));
	});

	route(app, updateLivestream, async ({ params, body, services, context, ...call }) => {
		const channel = await ownedChannel(services, params.channelID, requireIdentity(call));
		const row = await currentStream(services, channel);
		const { state, ...change } = body;
		const changed = {
			...row,
			title: body.title ?? row.title,
			latencyMode: body.latencyMode ?? row.latencyMode,
		};
		await services.livestreams.update(row.streamID, {
			title: changed.title,
			latencyMode: changed.latencyMode,
		});
		const live = services.liveStream(row.streamID);
		if (Object.keys(change).length > 0) await live.describe(toInfo(changed));
		if (state === "ended") await live.end();
		return viewStream(context, services, await services.livestreams.get(row.streamID));
	});

	route(app, getCdnURL, async ({ params, services, context }) => {
		const channel = await services.channels.get(params.channelID);
		const row = await currentStream(services, channel);
		const { manifests } = await viewStream(context, services, row);
		const url = manifests.hls ?? manifests.whep;
		if (url === null) throw notLive();
		return { url, kind: "cdn" as const, manifests, expiresAt: manifests.expiresAt, streamID: row.streamID };
	});

	route(app, getWatcherCount, async ({ params, services }) => {
		const channel = await services.channels.get(params.channelID);
		const streamID = channel.current?.streamID ?? null;
		return {
			currentWatcherCount: streamID === null ? 0 : await services.chatHub(channel.channelID).watcherCount(),
			streamID,
			asOf: new Date().toISOString(),
		};
	});
	mountStreams(app);
}

function mountStreams(app: App): void {
	route(app, getStream, async ({ params, services, context }) =>
		viewStream(context, services, await services.livestreams.get(params.streamID)),
	);

	route(app, listRecentStreams, async ({ query, services, context }) => listPage(context, services, query));

	route(app, listStreams, async ({ params, query, services, context }) => {
		const { channelID } = await services.channels.get(params.channelID);
		return listPage(context, services, { ...query, channelID });
	});

	route(app, postViews, async ({ params, body, services }) => {
		const { channelID } = await services.livestreams.get(params.streamID);
		const isGone = body.events.at(-1)?.type === "end";
		await services.chatHub(channelID).beacon(body.viewerSessionID, isGone);
		return undefined;
	});

	route(app, getStreamHealth, async ({ params, services, ...call }) => {
		const { channelID } = await services.livestreams.get(params.streamID);
		await ownedChannel(services, channelID, requireIdentity(call));
		return services.liveStream(params.streamID).health();
	});
}

/** A stream's row and its object. Throws AppError `already-live`. */
export async function createStream(
	services: Services,
	channel: ChannelRow,
	wishes: { title: string; latencyMode: LivestreamRow["latencyMode"] },
): Promise<LivestreamRow> {
	const streamID = StreamID.parse(`st_${ulid()}`);
	const row: LivestreamRow = {
		streamID,
		channelID: channel.channelID,
		userID: channel.ownerID,
		title: wishes.title,
		s3URLs: `streams/${streamID}/`,
		state: "created",
		latencyMode: wishes.latencyMode,
		renditions: [],
		currentWatcherCount: 0,
		peakWatchers: 0,
		createdAt: Date.now(),
		startedAt: null,
		endedAt: null,
	};
	await services.livestreams.insert(row);
	await services.liveStream(streamID).describe(toInfo(row));
	return row;
}

async function currentStream(services: Services, channel: ChannelRow): Promise<LivestreamRow> {
	const row = await services.livestreams.findCurrent(channel.channelID);
	if (!row) throw notLive();
	return row;
}

function notLive(): AppError {
	return new AppError("not-live", "The channel is not live.", { status: 404 });
}

function toInfo(row: LivestreamRow) {
	return { streamID: row.streamID, channelID: row.channelID, title: row.title, latencyMode: row.latencyMode };
}

async function listPage(
	context: AppContext,
	services: Services,
	query: {
		channelID?: LivestreamRow["channelID"];
		state?: LivestreamState | undefined;
		cursor?: string | undefined;
		limit: number;
	},
) {
	const mac = await services.mac();
	const before = query.cursor === undefined ? undefined : await decodeCursor(mac, query.cursor);
	const rows = await services.livestreams.list({ ...query, before });
	const last = rows.length === query.limit ? rows.at(-1) : undefined;
	return {
		items: await Promise.all(
			rows.map((row) => describeStream(context, services, row, isListedPlayable(row))),
		),
		nextCursor: last ? await encodeCursor(mac, last.streamID) : null,
	};
}

/** A stream with what its object knows at this moment. */
async function viewStream(context: AppContext, services: Services, row: LivestreamRow): Promise<Livestream> {
	const status = await services.liveStream(row.streamID).status();
	return describeStream(
		context,
		services,
		{ ...row, state: status.state, renditions: status.renditions },
		status.isPlayable,
	);
}

/** A list does not ask every object: an ended stream with renditions has segments. */
function isListedPlayable(row: LivestreamRow): boolean {
	return row.state === "ended" && row.renditions.length > 0;
}

async function describeStream(
	context: AppContext,
	services: Services,
	row: LivestreamRow,
	isPlayable: boolean,
): Promise<Livestream> {
	const { origin } = new URL(context.req.url);
	const { query, expiresAt } = await signMediaAccess(await services.mac(), row.streamID, Date.now());
	const isOn = row.state === "live" || row.state === "paused";
	const toTime = (at: number | null) => (at === null ? null : new Date(at).toISOString());
	return {
		streamID: row.streamID,
		channelID: row.channelID,
		userID: row.userID,
		title: row.title,
		state: row.state,
		latencyMode: row.latencyMode,
		createdAt: new Date(row.createdAt).toISOString(),
		startedAt: toTime(row.startedAt),
		endedAt: toTime(row.endedAt),
		peakWatchers: row.peakWatchers,
		renditions: row.renditions,
		manifests: {
			hls: isPlayable ? `${origin}/media/${row.streamID}/master.m3u8?${query}` : null,
			dash: isPlayable ? `${origin}/media/${row.streamID}/manifest.mpd?${query}` : null,
			whep: isOn ? `${origin}/whep/${row.channelID}` : null,
			expiresAt: new Date(expiresAt).toISOString(),
		},
	};
}
