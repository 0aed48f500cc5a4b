import {
	type CallAccess,
	type ParticipantRole,
	removeParticipant,
	updateCall,
	updateParticipant,
} from "../../../protocol/call.ts";
import type { CallID, ParticipantID } from "../../../protocol/ids.ts";
import type { call } from "../../shell/api.ts";

/** What hosts do to a call and its people. Each ends in ApiError or NoAnswerError if the server says no. */
export class CallRoomCalls {
	readonly #api: typeof call;
	readonly #callID: CallID;

	constructor(api: typeof call, callID: CallID) {
		this.#api = api;
		this.#callID = callID;
	}

	/** Locks, renames, changes who may enter, ends. */
	async change(body: {
		isLocked?: boolean;
		access?: CallAccess;
		title?: string;
		state?: "ended";
	}): Promise<void> {
		await this.#api(updateCall, { params: { callID: this.#callID }, body });
	}

	async changePerson(
		participantID: ParticipantID,
		body: {
			muted?: { mic?: boolean; cam?: boolean; screen?: boolean };
			admitted?: boolean;
			role?: ParticipantRole;
		},
	): Promise<void> {
		await this.#api(updateParticipant, { params: { callID: this.#callID, participantID }, body });
	}

	async remove(participantID: ParticipantID): Promise<void> {
		await this.#api(removeParticipant, { params: { callID: this.#callID, participantID } });
	}
}
