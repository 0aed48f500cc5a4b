import * as z from "zod";
import { endpoint } from "./endpoint.ts";
import { CallID, ChannelID, Timestamp, UserID } from "./ids.ts";

export const UserName = z.string().regex(/^[a-z0-9_]{3,32}$/, "3 to 32 of a–z, 0–9 and _");
export const DisplayName = z.string().trim().min(1).max(64);
const Password = z.string().min(10, "at least 10 characters").max(200);

/** A user as everyone may see them. */
export const User = z.object({
	userID: UserID,
	userName: z.string(),
	displayName: z.string(),
	isGuest: z.boolean(),
});
export type User = z.infer<typeof User>;

/** A user as they see themselves: with their channel, if they have one. */
export const Me = User.extend({
	email: z.string().nullable(),
	createdAt: Timestamp,
	channels: z.array(z.object({ channelID: ChannelID, handle: z.string(), name: z.string() })),
});
export type Me = z.infer<typeof Me>;

/** `accessToken`: ES256 JWT, valid for `expiresIn` seconds. `refreshToken` rotates at each use; a reused one ends its whole family. */
export const Tokens = z.object({
	accessToken: z.string(),
	expiresIn: z.int(),
	refreshToken: z.string(),
});
export type Tokens = z.infer<typeof Tokens>;

export const register = endpoint({
	operationID: "register",
	method: "POST",
	path: "/auth/register",
	summary: "Make an account",
	auth: "none",
	body: z.object({
		userName: UserName,
		displayName: DisplayName.optional(),
		email: z.email().max(254).optional(),
		password: Password,
	}),
	status: 201,
	reply: Tokens.extend({ user: User }),
	errors: ["user-name-taken"],
});

export const login = endpoint({
	operationID: "login",
	method: "POST",
	path: "/auth/login",
	summary: "Log in with a user name or an e-mail address",
	auth: "none",
	body: z
		.object({
			userName: z.string().max(254).optional(),
			email: z.string().max(254).optional(),
			password: z.string().max(200),
		})
		.refine(
			(body) => (body.userName === undefined) !== (body.email === undefined),
			"userName or email, one of them",
		),
	status: 200,
	reply: Tokens.extend({ user: User }),
	errors: ["invalid-credentials"],
});

export const refresh = endpoint({
	operationID: "refresh",
	method: "POST",
	path: "/auth/refresh",
	summary: "Exchange a refresh token for new tokens",
	auth: "none",
	body: z.object({ refreshToken: z.string().min(1).max(512) }),
	status: 200,
	reply: Tokens.extend({ user: User }),
	errors: ["refresh-reused"],
});

export const logout = endpoint({
	operationID: "logout",
	method: "POST",
	path: "/auth/logout",
	summary: "End the session of a refresh token, or all of them",
	auth: "user",
	body: z.object({ refreshToken: z.string().min(1).max(512).optional() }),
	status: 204,
});

/** A guest who sends the token that is about to expire stays the same person. */
export const guest = endpoint({
	operationID: "guest",
	method: "POST",
	path: "/auth/guest",
	summary: "A token for somebody without an account",
	auth: "optional",
	body: z.object({ displayName: DisplayName }),
	status: 201,
	reply: z.object({ accessToken: z.string(), expiresIn: z.int(), user: User }),
	errors: ["guests-disabled"],
});

export const getMe = endpoint({
	operationID: "getMe",
	cacheControl: "private, no-cache",
	method: "GET",
	path: "/users/me",
	summary: "The caller's own account",
	auth: "user",
	status: 200,
	reply: Me,
});

export const getUser = endpoint({
	operationID: "getUser",
	cacheControl: "public, max-age=15, stale-while-revalidate=30",
	method: "GET",
	path: "/users/:userID",
	summary: "Somebody's public profile",
	auth: "none",
	params: z.object({ userID: UserID }),
	status: 200,
	reply: User,
});

/** A ticket opens one socket, once, within 30 s: `?ticket=` or the sub-protocol `ticket.<ticket>`. `resource`: the channel, the call, or the caller's own userID. */
export const createSocketTicket = endpoint({
	operationID: "createSocketTicket",
	method: "POST",
	path: "/ws-tickets",
	summary: "A single-use ticket for a socket",
	auth: "user",
	body: z.discriminatedUnion("audience", [
		z.object({ audience: z.literal("chat"), resource: ChannelID }),
		z.object({ audience: z.literal("signal"), resource: CallID }),
		z.object({ audience: z.literal("notify"), resource: UserID }),
	]),
	status: 201,
	reply: z.object({ ticket: z.string(), expiresAt: Timestamp }),
});
