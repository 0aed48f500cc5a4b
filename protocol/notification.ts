import * as z from "zod";
import { CallKind, DeviceID } from "./call.ts";
import { CallID, JoinCode, Timestamp, UserID } from "./ids.ts";

/** Why a notify.v1 socket was closed, CONTRACT §3. */
export const NOTIFY_CLOSE = { badFrame: 4400, replaced: 4409 } as const;

/**
 * notify.v1, CONTRACT §3: one socket per device of a user, `GET /notifications/socket`. The text `ping` is answered with
 * `pong` without waking the hub.
 */
export const NotifyClientMessage = z.discriminatedUnion("t", [
	z.object({
		t: z.literal("call.answer"),
		callID: CallID,
		state: z.enum(["accepted", "declined", "busy"]),
		deviceID: DeviceID.optional(),
	}),
]);
export type NotifyClientMessage = z.infer<typeof NotifyClientMessage>;

export const RingingCall = z.object({
	callID: CallID,
	code: JoinCode,
	kind: CallKind,
	title: z.string(),
	from: z.object({ userID: UserID, userName: z.string(), displayName: z.string() }),
	/** When it becomes a missed call. */
	expiresAt: Timestamp,
});
export type RingingCall = z.infer<typeof RingingCall>;

/** What became of a ringing call for `userID`, told to every device of both sides. */
const outcome = { callID: CallID, userID: UserID };

export const NotifyServerMessage = z.discriminatedUnion("t", [
	/** First frame: calls that ring just now, and which contacts are there. */
	z.object({ t: z.literal("welcome"), ringing: z.array(RingingCall), online: z.array(UserID) }),
	RingingCall.extend({ t: z.literal("call.ringing") }),
	/** `deviceID`: the device whose answer counted, if it named itself; the others of `userID` stop ringing. */
	z.object({ t: z.literal("call.accepted"), ...outcome, deviceID: DeviceID.optional() }),
	z.object({ t: z.literal("call.declined"), ...outcome, reason: z.enum(["declined", "busy"]) }),
	z.object({ t: z.literal("call.cancelled"), ...outcome }),
	z.object({ t: z.literal("call.missed"), ...outcome }),
	z.object({ t: z.literal("presence"), userID: UserID, online: z.boolean() }),
	/** Somebody asked to be a contact, accepted, or ended it: lists are to be read again. */
	z.object({ t: z.literal("contacts") }),
	/** `callID`: the answer to this call was refused. */
	z.object({ t: z.literal("error"), code: z.string(), detail: z.string(), callID: CallID.optional() }),
]);
export type NotifyServerMessage = z.infer<typeof NotifyServerMessage>;

/** How a ringing call went. */
export type CallSettled = Extract<
	NotifyServerMessage,
	{ t: "call.accepted" | "call.declined" | "call.cancelled" | "call.missed" }
>;

export const NotifyServerFrame = z.union([NotifyServerMessage, z.array(NotifyServerMessage)]);
