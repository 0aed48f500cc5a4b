import * as z from "zod";

/** Prefix of each kind of identifier, CONTRACT §1: `<prefix>_<ULID>`, sortable by time of creation. */
export const UserID = identifier("us").brand("UserID");
export type UserID = z.infer<typeof UserID>;

export const ChannelID = identifier("ch").brand("ChannelID");
export type ChannelID = z.infer<typeof ChannelID>;

export const StreamID = identifier("st").brand("StreamID");
export type StreamID = z.infer<typeof StreamID>;

export const MessageID = identifier("msg").brand("MessageID");
export type MessageID = z.infer<typeof MessageID>;

export const CallID = identifier("ca").brand("CallID");
export type CallID = z.infer<typeof CallID>;

/** One presence of one person in one call: somebody who joins from two devices is two participants. */
export const ParticipantID = identifier("pt").brand("ParticipantID");
export type ParticipantID = z.infer<typeof ParticipantID>;

/** What people read to each other: three groups of lower-case letters without look-alikes. */
export const JoinCode = z
	.string()
	.regex(/^[abcdefghjkmnpqrstuvwxyz]{3}-[abcdefghjkmnpqrstuvwxyz]{4}-[abcdefghjkmnpqrstuvwxyz]{3}$/)
	.brand("JoinCode");
export type JoinCode = z.infer<typeof JoinCode>;

/** How people name a call in a path: `ca_…` or its join code. */
export const CallReference = z.union([CallID, JoinCode]);
export type CallReference = z.infer<typeof CallReference>;

export const VideoID = identifier("vid").brand("VideoID");
export type VideoID = z.infer<typeof VideoID>;

export const UploadID = identifier("up").brand("UploadID");
export type UploadID = z.infer<typeof UploadID>;

export const PipelineID = identifier("pl").brand("PipelineID");
export type PipelineID = z.infer<typeof PipelineID>;

/** How people name a channel in a path: its identifier or its handle, `ch_…` or `@handle`. */
export const ChannelReference = z.union([
	ChannelID,
	z
		.string()
		.regex(/^@[a-z0-9_]{3,30}$/)
		.brand("ChannelHandle"),
]);
export type ChannelReference = z.infer<typeof ChannelReference>;

/** RFC 3339 in UTC with milliseconds, CONTRACT §1. */
export const Timestamp = z.iso.datetime({ precision: 3 });
export type Timestamp = z.infer<typeof Timestamp>;

function identifier(prefix: string) {
	return z.string().regex(new RegExp(`^${prefix}_[0-9A-HJKMNP-TV-Z]{26}$`));
}
