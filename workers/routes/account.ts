import { ulid } from "ulidx";
import { sha256Hex } from "../../adapters/database/database.ts";
import type { UserRow } from "../../adapters/database/user-table.ts";
import { hashPassword, verifyPassword } from "../../adapters/passwords.ts";
import { ACCESS_TOKEN_SECONDS, GUEST_TOKEN_SECONDS, TICKET_SECONDS } from "../../adapters/tokens.ts";
import {
	createSocketTicket,
	getMe,
	getUser,
	guest,
	login,
	logout,
	refresh,
	register,
	type Tokens,
	type User,
} from "../../protocol/account.ts";
import { AppError } from "../../protocol/errors.ts";
import { UserID } from "../../protocol/ids.ts";
import { limitRate } from "../rate-limit.ts";
import { type App, type AppContext, requireIdentity, route } from "../route.ts";
import type { Services } from "../services.ts";

export function mountAccount(app: App): void {
	route(app, register, async ({ body, services, context }) => {
		await limitByAddress(context, services);
		const user: UserRow = {
			userID: UserID.parse(`us_${ulid()}`),
			userName: body.userName,
			displayName: body.displayName ?? body.userName,
			email: body.email?.toLowerCase() ?? null,
			passwordHash: await hashPassword(body.password),
			createdAt: Date.now(),
		};
		await services.users.insert(user);
		context.header("Location", `/users/${user.userID}`);
		return openSession(services, user, await services.users.issueRefreshToken(user.userID, Date.now()));
	});

	route(app, login, async ({ body, services, context }) => {
		await limitByAddress(context, services);
		const user = await services.users.findByLogin({
			userName: body.userName?.toLowerCase(),
			email: body.email?.toLowerCase(),
		});
		const isRight = await verifyPassword(body.password, user?.passwordHash);
		if (!user || !isRight)
			throw new AppError("invalid-credentials", "The user name or the password is wrong.");
		return openSession(services, user, await services.users.issueRefreshToken(user.userID, Date.now()));
	});

	route(app, refresh, async ({ body, services, context }) => {
		const attempt = context.req.header("idempotency-key");
		const { userID, familyID } = await services.users.useRefreshToken(
			body.refreshToken,
			Date.now(),
			attempt === undefined ? null : await sha256Hex(attempt),
		);
		const user = await services.users.find(userID);
		if (!user) throw new AppError("unauthenticated", "The account is gone.");
		return openSession(services, user, await services.users.issueRefreshToken(userID, Date.now(), familyID));
	});

	route(app, logout, async ({ body, services, ...call }) => {
		await services.users.endSessions(requireIdentity(call).userID, body.refreshToken, Date.now());
		return undefined;
	});

	route(app, guest, async ({ body, services, context, identity: caller }) => {
		if (!services.config.guests) throw new AppError("guests-disabled", "This server asks for an account.");
		await limitByAddress(context, services);
		const userID = caller?.isGuest ? caller.userID : UserID.parse(`us_${ulid()}`);
		const identity = {
			userID,
			userName: `guest_${userID.slice(-6).toLowerCase()}`,
			displayName: body.displayName,
			isGuest: true,
		};
		const accessToken = await (await services.tokens()).issueAccess(identity);
		return { accessToken, expiresIn: GUEST_TOKEN_SECONDS, user: identity };
	});
	mountUsers(app);
}

function mountUsers(app: App): void {
	route(app, getMe, async ({ services, ...call }) => {
		const identity = requireIdentity(call);
		const found = await services.users.findWithChannels(identity.userID);
		if (!found) {
			return { ...identity, email: null, createdAt: new Date(0).toISOString(), channels: [] };
		}
		return {
			...toUser(found.user),
			email: found.user.email,
			createdAt: new Date(found.user.createdAt).toISOString(),
			channels: found.channels,
		};
	});

	route(app, getUser, async ({ params, services }) => {
		const user = await services.users.find(params.userID);
		if (!user) throw new AppError("not-found", "There is no such user.");
		return toUser(user);
	});

	route(app, createSocketTicket, async ({ body, services, ...call }) => {
		const identity = requireIdentity(call);
		if (body.audience === "chat") await services.channels.get(body.resource);
		if (body.audience === "notify" && (body.resource !== identity.userID || identity.isGuest))
			throw new AppError("forbidden", "Everybody hears their own notifications only.");
		const ticket = await (await services.tokens()).issueTicket(identity, body);
		return { ticket, expiresAt: new Date(Date.now() + TICKET_SECONDS * 1000).toISOString() };
	});
}

async function openSession(
	services: Services,
	user: UserRow,
	refreshToken: string,
): Promise<Tokens & { user: User }> {
	const tokens = await services.tokens();
	const accessToken = await tokens.issueAccess({ ...toUser(user), userID: user.userID });
	return { accessToken, expiresIn: ACCESS_TOKEN_SECONDS, refreshToken, user: toUser(user) };
}

function toUser(row: UserRow): User {
	return { userID: row.userID, userName: row.userName, displayName: row.displayName, isGuest: false };
}

/** Guessing passwords and making accounts in bulk is slowed down by address. */
function limitByAddress(context: AppContext, services: Services): Promise<void> {
	return limitRate(services, context.req.header("cf-connecting-ip") ?? "local");
}
