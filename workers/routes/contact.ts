import type { ContactRow } from "../../adapters/database/contact-table.ts";
import { log } from "../../adapters/log.ts";
import { type Contact, deleteContact, findUser, listContacts, putContact } from "../../protocol/contact.ts";
import { AppError } from "../../protocol/errors.ts";
import type { UserID } from "../../protocol/ids.ts";
import { decodeCursor, encodeCursor } from "../cursor.ts";
import { type App, requireAccount, requireIdentity, route } from "../route.ts";
import type { Services } from "../services.ts";

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

	route(app, putContact, async ({ params, body, services, ...call }) => {
		const { userID } = requireAccount(call);
		if (params.userID === userID) throw new AppError("validation", "Nobody is their own contact.");
		if (!(await services.users.find(params.userID)))
			throw new AppError("not-found", "There is no such user.");
		const pair = { userID, otherID: params.userID };
		if (body.state === "blocked") await services.contacts.block(pair, Date.now());
		const state = body.state === "blocked" ? body.state : await services.contacts.accept(pair, Date.now());
		await tellBoth(services, [userID, params.userID]);
		return { state };
	});

	route(app, deleteContact, async ({ params, services, ...call }) => {
		const { userID } = requireIdentity(call);
		await services.contacts.remove({ userID, otherID: params.userID });
		await tellBoth(services, [userID, params.userID]);
		return undefined;
	});

	route(app, findUser, async ({ query, services }) => {
		const user = await services.users.findByLogin({ userName: query.userName.toLowerCase() });
		if (!user) return { items: [] };
		const { userID, userName, displayName } = user;
		return { items: [{ userID, userName, displayName }] };
	});
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
