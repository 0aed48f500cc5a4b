import { CallTable } from "../adapters/database/call-table.ts";
import { openDatabase } from "../adapters/database/database.ts";
import { log } from "../adapters/log.ts";
import {
	type Answer,
	type AnswerRefusal,
	type Becomes,
	Ringing,
	type RingingChange,
	type RoomState,
	type RungInvitation,
} from "../domain/call/ringing.ts";
import type { Call, CallHistoryItem, Invitation } from "../protocol/call.ts";
import { AppError } from "../protocol/errors.ts";
import type { UserID } from "../protocol/ids.ts";
import type { CallSettled, RingingCall } from "../protocol/notification.ts";

/** What ringing needs of the room it belongs to. */
export interface RingingRoom {
	call(): Pick<Call, "callID" | "code" | "kind" | "title" | "hostID">;
	state(): RoomState;
	isInside(userID: UserID): boolean;
	/** The call is from now on what its invitations made of it. Called before anything else can happen. */
	become(state: Exclude<Becomes, null>): void;
	/** Nothing rings any more, and who was rung last does not come. */
	unanswered(): void;
}

/** A room's invitations: rings the devices of those invited, tells both sides how it went, and writes their history. */
export class CallRinging {
	readonly #sql: SqlStorage;
	readonly #env: Env;
	readonly #room: RingingRoom;
	readonly #ringing: Ringing;
	/** The last write of history: a later state is never overtaken by an earlier one. */
	#written: Promise<void> = Promise.resolve();

	constructor(sql: SqlStorage, env: Env, room: RingingRoom) {
		this.#sql = sql;
		this.#env = env;
		this.#room = room;
		sql.exec("CREATE TABLE IF NOT EXISTS invitations (userID TEXT PRIMARY KEY, json TEXT NOT NULL)");
		const rows = sql.exec<{ json: string }>("SELECT json FROM invitations").toArray();
		this.#ringing = new Ringing(rows.map(({ json }) => JSON.parse(json)));
	}

	invitations(): Invitation[] {
		return this.#ringing.snapshot().map(toInvitation);
	}

	/** Who invited them. Those who did not answer or declined may still come; null if nobody did, or it was taken back. */
	inviterOf(userID: UserID): UserID | null {
		const invitation = this.#ringing.find(userID);
		return invitation && invitation.state !== "cancelled" ? invitation.invitedByID : null;
	}

	/** When `expire` has something to do; null while nothing rings. */
	nextDeadline(): number | null {
		return this.#ringing.nextDeadline();
	}

	/** Rings people who are not inside. Whoever is in another call is `busy` at once. */
	async ring(order: {
		by: RingingCall["from"];
		invitees: readonly { userID: UserID; displayName: string }[];
		now: number;
	}): Promise<Invitation[]> {
		const isInside = (userID: UserID) => this.#room.isInside(userID);
		const outside = order.invitees.filter(({ userID }) => !isInside(userID));
		const rung = this.#ringing.ring(outside, order.by.userID, order.now);
		this.#store(rung);
		await Promise.all([this.#ringHubs(rung, order.by), this.#writeHistory(rung, null)]);
		return order.invitees.map(({ userID, displayName }) => {
			const invitation = this.#ringing.find(userID);
			return isInside(userID) || !invitation
				? { userID, displayName, state: "accepted" }
				: toInvitation(invitation);
		});
	}

	/** Throws AppError `forbidden`, `not-found`, `already-answered`, `call-ended`. */
	async answer({ now, ...answer }: Answer & { now: number }): Promise<Invitation> {
		const { invitation, refused, ...change } = this.#ringing.answer(answer, this.#room.state(), now);
		await this.#perform(change);
		if (refused !== null || !invitation) throw refusal(refused ?? "not-found", invitation);
		return toInvitation(invitation);
	}

	/** Who comes in while being rung, by the link or from the list, has accepted. */
	async entered(userID: UserID, now: number): Promise<void> {
		if (this.#ringing.find(userID)?.state !== "ringing") return;
		const accepted = { caller: userID, isHost: false, userID, state: "accepted", deviceID: null } as const;
		await this.#perform(this.#ringing.answer(accepted, this.#room.state(), now));
	}

	/** The host hangs up, or the call is over. */
	async cancelAll(byID: UserID): Promise<void> {
		await this.#perform(this.#ringing.cancelAll(byID, this.#room.state()));
	}

	async expire(now: number): Promise<void> {
		await this.#perform(this.#ringing.expire(this.#room.state(), now));
	}

	/** First what must not be lost or overtaken, then what others are told. */
	async #perform({ changed, becomes }: RingingChange): Promise<void> {
		if (changed.length === 0) return;
		this.#store(changed);
		if (becomes !== null) this.#room.become(becomes);
		if (this.nextDeadline() === null && changed.at(-1)?.state !== "accepted") this.#room.unanswered();
		await Promise.all([this.#tellHubs(changed), this.#writeHistory(changed, becomes)]);
	}

	#store(invitations: readonly RungInvitation[]): void {
		for (const invitation of invitations) {
			this.#sql.exec(
				"INSERT OR REPLACE INTO invitations (userID, json) VALUES (?, ?)",
				invitation.userID,
				JSON.stringify(invitation),
			);
		}
	}

	async #ringHubs(rung: readonly RungInvitation[], by: RingingCall["from"]): Promise<void> {
		const { callID, code, kind, title } = this.#room.call();
		const from = { userID: by.userID, userName: by.userName, displayName: by.displayName };
		await Promise.all(
			rung.map(async ({ userID, expiresAt }) => {
				const call = { callID, code, kind, title, from, expiresAt: new Date(expiresAt).toISOString() };
				try {
					const { isBusy } = await this.#env.USER_HUB.getByName(userID).ring(call);
					if (isBusy) await this.#perform(this.#ringing.busy(userID, this.#room.state()));
				} catch (error) {
					// It goes on ringing without a device, and is missed unless the page finds it in its history.
					log.error("call.not-rung", error, { callID, userID });
				}
			}),
		);
	}

	/** Every device of both sides. */
	async #tellHubs(changed: readonly RungInvitation[]): Promise<void> {
		const { callID } = this.#room.call();
		const frames = new Map<UserID, CallSettled[]>();
		for (const invitation of changed) {
			const frame = toFrame(callID, invitation);
			if (!frame) continue;
			for (const userID of [invitation.userID, invitation.invitedByID]) {
				frames.set(userID, [...(frames.get(userID) ?? []), frame]);
			}
		}
		await Promise.all(
			Array.from(frames, async ([userID, settled]) => {
				try {
					await this.#env.USER_HUB.getByName(userID).settle(settled);
				} catch (error) {
					// Its devices stop ringing by themselves when the time is over.
					log.error("call.settlement-not-told", error, { callID, userID });
				}
			}),
		);
	}

	#writeHistory(changed: readonly RungInvitation[], becomes: Becomes): Promise<void> {
		this.#written = this.#written.then(() => this.#write(changed, becomes));
		return this.#written;
	}

	async #write(changed: readonly RungInvitation[], becomes: Becomes): Promise<void> {
		const { callID, hostID } = this.#room.call();
		try {
			const table = new CallTable(openDatabase(this.#env.DB));
			await table.putMembers(
				callID,
				changed.map(({ userID, displayName, state, invitedByID }) => ({
					userID,
					displayName,
					direction: "incoming" as const,
					outcome: CALLEE_OUTCOME[state],
					invitedByID,
				})),
			);
			if (becomes === null) return;
			const isBusy = changed.at(-1)?.state === "busy";
			await table.settleOutgoing(callID, hostID, isBusy ? "busy" : HOST_OUTCOME[becomes]);
		} catch (error) {
			// The invitations themselves are safe; the list says what the call's state says.
			log.error("call.history-not-written", error, { callID });
		}
	}
}

/** A call that one was too busy for, or that was taken back before one came, is a missed one. */
const CALLEE_OUTCOME = {
	ringing: "ringing",
	accepted: "answered",
	declined: "declined",
	busy: "missed",
	cancelled: "missed",
	missed: "missed",
} as const satisfies Record<Invitation["state"], CallHistoryItem["outcome"]>;

const HOST_OUTCOME = {
	open: "answered",
	declined: "declined",
	missed: "missed",
	cancelled: "cancelled",
} as const satisfies Record<Exclude<Becomes, null>, CallHistoryItem["outcome"]>;

function toInvitation({ userID, displayName, state }: RungInvitation): Invitation {
	return { userID, displayName, state };
}

function toFrame(callID: Call["callID"], { userID, state, answeredBy }: RungInvitation): CallSettled | null {
	const deviceID = answeredBy?.deviceID ?? undefined;
	switch (state) {
		case "accepted":
			return { t: "call.accepted", callID, userID, ...(deviceID === undefined ? {} : { deviceID }) };
		case "declined":
		case "busy":
			return { t: "call.declined", callID, userID, reason: state };
		case "cancelled":
			return { t: "call.cancelled", callID, userID };
		case "missed":
			return { t: "call.missed", callID, userID };
		case "ringing":
			return null;
	}
}

function refusal(code: AnswerRefusal, invitation: RungInvitation | null): AppError {
	const members = code === "already-answered" && invitation ? { state: invitation.state } : {};
	return new AppError(code, REFUSALS[code], { members });
}

const REFUSALS = {
	forbidden: "This is not your invitation to answer.",
	"not-found": "There is no such invitation.",
	"already-answered": "This invitation has been answered.",
	"call-ended": "This call is over.",
} as const satisfies Record<AnswerRefusal, string>;
