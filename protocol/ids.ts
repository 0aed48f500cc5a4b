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
