import { ulid } from "ulidx";
import type { ChannelRow } from "../../adapters/database/channel-table.ts";
import type { Identity } from "../../adapters/tokens.ts";
import {
	type Channel,
	createChannel,
	getChannel,
	getIngest,
	listChannels,
	revokeStreamKey,
	rotateStreamKey,
} from "../../protocol/channel.ts";
import { AppError } from "../../protocol/errors.ts";
import { ChannelID, type ChannelReference } from "../../protocol/ids.ts";
import { decodeCursor, encodeCursor } from "../cursor.ts";
import { type App, requireIdentity, route } from "../route.ts";
import type { Services } from "../services.ts";

export function mountChannel(app: App): void {
	route(app, createChannel, async ({ body, services, context, ...call }) => {
		const { userID, isGuest } = requireIdentity(call);
		if (isGuest) throw new AppError("forbidden", "A channel needs an account.");
		const channelID = ChannelID.parse(`ch_${ulid()}`);
		await services.channels.insert({ channelID, ...body, ownerID: userID, createdAt: Date.now() });
		context.header("Location", `/channels/${channelID}`);
		return toChannel(await services.channels.get(channelID));
	});

	route(app, listChannels, async ({ query, services }) => {
		const mac = await services.mac();
		const rows = await services.channels.list({
			live: query.live === "true",
			ownerID: query.ownerID,
			before: query.cursor === undefined ? undefined : await decodeCursor(mac, query.cursor),
			limit: query.limit,
		});
		const last = rows.length === query.limit ? rows.at(-1) : undefined;
		return { items: rows.map(toChannel), nextCursor: last ? await encodeCursor(mac, last.channelID) : null };
	});

	route(app, getChannel, async ({ params, services }) =>
		toChannel(await services.channels.get(params.channelID)),
	);

	route(app, rotateStreamKey, async ({ params, query, services, ...call }) => {
		const channel = await ownedChannel(services, params.channelID, requireIdentity(call));
		await cutOffEncoder(services, channel, query.force === "true");
		return { streamKey: await services.channels.rotateKey(channel.channelID, Date.now()) };
	});

	route(app, revokeStreamKey, async ({ params, services, ...call }) => {
		const channel = await ownedChannel(services, params.channelID, requireIdentity(call));
		await services.channels.revokeKey(channel.channelID, Date.now());
		await cutOffEncoder(services, channel, true);
		return undefined;
	});

	route(app, getIngest, async ({ params, services, context, ...call }) => {
		const channel = await ownedChannel(services, params.channelID, requireIdentity(call));
		return {
			whipURL: `${new URL(context.req.url).origin}/whip/${channel.channelID}`,
			streamKeyHint: await services.channels.keyHint(channel.channelID),
		};
	});
}

/** The channel, if `identity` owns it. Throws AppError `not-found` or `forbidden`. */
export async function ownedChannel(
	services: Services,
	reference: ChannelReference,
	identity: Identity,
): Promise<ChannelRow> {
	const channel = await services.channels.get(reference);
	if (channel.ownerID === identity.userID) return channel;
	throw new AppError("forbidden", "Only the channel's owner may do this.");
}

/** An encoder loses its place with its key, a silent one too; a live one only on purpose. */
async function cutOffEncoder(services: Services, channel: ChannelRow, isForced: boolean): Promise<void> {
	const { current } = channel;
	if (!current) return;
	if (current.state === "live" && !isForced) {
		throw new AppError(
			"live-in-progress",
			"The channel is live. Repeat with force=true to cut the encoder off.",
		);
	}
	await services.liveStream(current.streamID).cutOff();
}

function toChannel(row: ChannelRow): Channel {
	const { current } = row;
	return {
		channelID: row.channelID,
		handle: row.handle,
		name: row.name,
		description: row.description,
		ownerID: row.ownerID,
		currentStreamInfo:
			current && current.startedAt !== null
				? {
						title: current.title,
						name: current.title,
						currentWatcherCount: current.currentWatcherCount,
						streamID: current.streamID,
						startedAt: new Date(current.startedAt).toISOString(),
						latencyMode: current.latencyMode,
					}
				: null,
		followerCount: row.followerCount,
		chatSettings: { slowModeSeconds: row.slowModeSeconds },
		createdAt: new Date(row.createdAt).toISOString(),
	};
}
