import { effect, type ReadonlySignal, signal } from "@preact/signals";
import { answerInvitation, getCall, type Invitation, inviteToCall } from "../../../protocol/call.ts";
import type { CallID, UserID } from "../../../protocol/ids.ts";
import { session } from "../../account/session.ts";
import { onSettled } from "../../notification/notifications.ts";
import { call } from "../../shell/api.ts";
import type { CallSession } from "../engine/call-session.ts";

/** Who was rung for this call and how it stands with them. Known to people with an account who belong to the call. */
export class RungList {
	readonly invitations: ReadonlySignal<readonly Invitation[]>;

	readonly #invitations = signal<readonly Invitation[]>([]);
	readonly #session: CallSession;
	readonly #stops: (() => void)[];
	#turn = 0;

	constructor(entered: CallSession) {
		this.#session = entered;
		this.invitations = this.#invitations;
		this.#stops = [
			// Who comes in has answered.
			effect(() => {
				const callID = entered.room.value?.callID;
				const count = entered.people.value.length;
				if (callID !== undefined && count >= 0) void this.#load(callID);
			}),
			onSettled((settled) => {
				const callID = entered.room.peek()?.callID;
				if (callID === settled.callID) void this.#load(callID);
			}),
		];
	}

	/** Rings contacts. Throws ApiError. */
	async ring(userIDs: readonly UserID[]): Promise<void> {
		const callID = this.#session.room.peek()?.callID;
		if (callID === undefined) return;
		const { items } = await call(inviteToCall, { params: { callID }, body: { userIDs: [...userIDs] } });
		const rung = new Set(items.map((item) => item.userID));
		this.#invitations.value = [...this.#invitations.value.filter((each) => !rung.has(each.userID)), ...items];
	}

	/** Stops ringing somebody. Throws ApiError. */
	async cancel(userID: UserID): Promise<void> {
		const callID = this.#session.room.peek()?.callID;
		if (callID === undefined) return;
		await call(answerInvitation, { params: { callID, userID }, body: { state: "cancelled" } });
		await this.#load(callID);
	}

	dispose(): void {
		for (const stop of this.#stops) stop();
	}

	async #load(callID: CallID): Promise<void> {
		if (session.peek().kind !== "signed-in") return;
		this.#turn += 1;
		const turn = this.#turn;
		try {
			const { invitations } = await call(getCall, { params: { callID } });
			if (turn === this.#turn) this.#invitations.value = invitations;
		} catch {
			// What was known last stays; the next change asks again.
		}
	}
}
