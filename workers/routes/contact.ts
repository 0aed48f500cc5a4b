import type { ContactRow, Pair } from "../../adapters/database/contact-table.ts";
import { log } from "../../adapters/log.ts";
import {
	type Contact,
	type ContactState,
	deleteContact,
	findUser,
	listContacts,
	putContact,
} from "../../protocol/contact.ts";
import { AppError } from "../../protocol/errors.ts";
import type { UserID } from "../../protocol/ids.ts";
import { decodeCursor, encodeCursor } from "../cursor.ts";
import { limitRate } from "../rate-limit.ts";
import { type App, requireAccount, requireIdentity, route } from "../route.ts";
import type { Services } from "../services.ts";

/** Requests of one person that nobody has answered yet: nobody asks the whole world. */
const MAX_REQUESTS = 100;

export function mountContact(app: App): void {
	route(app, listContacts, async ({ query, services, ...call }) => {
		const mac = await services.mac();
		const rows = await services.contacts.list({
			userID: requireIdentity(call).userID,
			state: query.state,
			after: query.cursor === undefined ? undefined : await decodeCursor(mac, query.cursor),
			limit: query.limit,
		});
		const last = rows.length === query.limit ? rows.at(-1) : undefined;
		return {
			items: await Promise.all(rows.map((row) => toContact(services, row))),
			nextCursor: last ? await encodeCursor(mac, last.userID) : null,
		};
	});

	route(app, putContact, async ({ params, body, services, context, ...call }) => {
		const { userID } = requireAccount(call);
		await limitRate(services, `contact:${userID}`);
		if (params.userID === userID) throw new AppError("validation", "Nobody is their own contact.");
		if (!(await services.users.find(params.userID)))
			throw new AppError("not-found", "There is no such user.");
		const pair = { userID, otherID: params.userID };
		const before = await services.contacts.state(pair);
		const state =
			body.state === "blocked"
				? await services.contacts.block(pair, Date.now())
				: await ask(services, pair, before);
		if (state !== before) await tellBoth(services, [userID, params.userID]);
		return context.json({ state }, before === null ? 201 : 200, { "Cache-Control": "private, no-store" });
	});

	route(app, deleteContact, async ({ params, services, ...call }) => {
		const { userID } = requireAccount(call);
		await limitRate(services, `contact:${userID}`);
		const isChanged = await services.contacts.remove({ userID, otherID: params.userID });
		if (isChanged) await tellBoth(services, [userID, params.userID]);
		return undefined;
	});

	route(app, findUser, async ({ query, services }) => {
		const user = await services.users.findByLogin({ userName: query.userName.toLowerCase() });
		if (!user) return { items: [] };
		const { userID, userName, displayName } = user;
		return { items: [{ userID, userName, displayName }] };
	});
}

/** Asks, or accepts. Throws AppError `rate-limited` if too many do not answer, `blocked-by-user`. */
async function ask(services: Services, pair: Pair, before: ContactState | null): Promise<ContactState> {
	const isNew = before === null || before === "blocked";
	if (isNew && (await services.contacts.countRequests(pair.userID)) >= MAX_REQUESTS)
		throw new AppError("rate-limited", "Too many of your requests wait for an answer. Take some back.", {
			headers: { "Retry-After": "3600" },
		});
	return services.contacts.accept(pair, Date.now());
}

/** Whether they are there is known of accepted contacts only. */
async function toContact(services: Services, row: ContactRow): Promise<Contact> {
	return {
		...row,
		since: new Date(row.since).toISOString(),
		isOnline: row.state === "accepted" && (await services.userHub(row.userID).isOnline()),
	};
}

/** Open pages of both read their lists again. */
async function tellBoth(services: Services, userIDs: UserID[]): Promise<void> {
	try {
		await Promise.all(userIDs.map((userID) => services.userHub(userID).contactsChanged()));
	} catch (error) {
		// The change itself is made; a page finds it when it is next loaded.
		log.error("contacts.not-told", error);
	}
}
