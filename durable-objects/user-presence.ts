import { ContactTable } from "../adapters/database/contact-table.ts";
import { openDatabase } from "../adapters/database/database.ts";
import { log } from "../adapters/log.ts";
import type { UserID } from "../protocol/ids.ts";

/** Contacts who hear of a person's coming and going. Each is one call from hub to hub; a Worker may make 1,000. */
const MAX_FRIENDS = 500;
/** A hub that does not answer within this time counts as away. */
const PATIENCE_MS = 1000;

/** What one hub and those of its contacts tell each other. */
export class UserPresence {
	readonly #env: Env;
	/** What contacts have said while others are still being asked. */
	readonly #heard = new Set<Map<UserID, boolean>>();

	constructor(env: Env) {
		this.#env = env;
	}

	/** Asks all contacts whether they are there; who arrives says so with the same call. Returns those who are. */
	async meetFriends(userID: UserID, isArriving: boolean): Promise<UserID[]> {
		const heard = new Map<UserID, boolean>();
		this.#heard.add(heard);
		const met = await this.#tellFriends(userID, (hub) => hub.meet(userID, isArriving));
		this.#heard.delete(heard);
		return met
			.filter(([friendID, isOnline]) => heard.get(friendID) ?? isOnline)
			.map(([friendID]) => friendID);
	}

	async leaveFriends(userID: UserID): Promise<void> {
		await this.#tellFriends(userID, async (hub) => {
			await hub.part(userID);
			return false;
		});
	}

	/** A contact has come or gone: newer than what it may have answered. */
	hear(userID: UserID, isOnline: boolean): void {
		for (const heard of this.#heard) heard.set(userID, isOnline);
	}

	async #tellFriends(
		userID: UserID,
		tell: (hub: ReturnType<Env["USER_HUB"]["getByName"]>) => Promise<boolean>,
	): Promise<[UserID, boolean][]> {
		try {
			const friends = await new ContactTable(openDatabase(this.#env.DB)).friends(userID, MAX_FRIENDS);
			return await Promise.all(
				friends.map(async (friendID): Promise<[UserID, boolean]> => {
					try {
						return [friendID, await inTime(tell(this.#env.USER_HUB.getByName(friendID)))];
					} catch (error) {
						log.warn("presence.not-told", { error: String(error), friendID });
						return [friendID, false];
					}
				}),
			);
		} catch (error) {
			log.error("contacts.not-read", error, { userID });
			return [];
		}
	}
}

async function inTime<T>(answer: Promise<T>): Promise<T> {
	const { promise: tooLate, reject } = Promise.withResolvers<never>();
	const timer = setTimeout(() => reject(new Error("no answer")), PATIENCE_MS);
	try {
		return await Promise.race([answer, tooLate]);
	} finally {
		clearTimeout(timer);
	}
}
