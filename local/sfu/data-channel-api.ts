import * as z from "zod";
import { SessionDescription } from "../../protocol/realtime-api.ts";

/** https://developers.cloudflare.com/realtime/sfu/features/datachannels/ — the product itself does not use them. */

const Name = z.string().min(1).max(65_535);

export const EstablishRequest = z.looseObject({
	dataChannel: z.looseObject({ location: z.literal("remote"), dataChannelName: z.literal("server-events") }),
	sessionDescription: SessionDescription.optional(),
});
export type EstablishRequest = z.infer<typeof EstablishRequest>;

/** At most one of `maxRetransmits` and `maxPacketLifeTime` (ms); neither means reliable. */
export const DataChannelRequest = z
	.looseObject({
		location: z.enum(["local", "remote"]),
		dataChannelName: Name,
		sessionId: z.string().optional(),
		ordered: z.boolean().default(true),
		maxRetransmits: z.int().min(0).max(65_535).optional(),
		maxPacketLifeTime: z.int().min(0).max(65_535).optional(),
		waitForAck: z.boolean().default(false),
		canReply: z.boolean().default(false),
	})
	.refine((item) => item.maxRetransmits === undefined || item.maxPacketLifeTime === undefined, {
		message: "maxRetransmits and maxPacketLifeTime exclude each other",
	});
export type DataChannelRequest = z.infer<typeof DataChannelRequest>;

export const DataChannelsRequest = z.looseObject({ dataChannels: z.array(DataChannelRequest).min(1) });

export const CloseDataChannelsRequest = z.looseObject({
	dataChannels: z.array(z.looseObject({ id: z.int() })).min(1),
});

export type DataChannelReply = {
	location?: "local" | "remote";
	dataChannelName?: string;
	sessionId?: string;
	id?: number;
	errorCode?: string;
	errorDescription?: string;
};
