import { CallTable } from "../adapters/database/call-table.ts";
import { openDatabase } from "../adapters/database/database.ts";
import { log } from "../adapters/log.ts";
import type { CallFacts, Member } from "../domain/call/member.ts";
import type { CallID } from "../protocol/ids.ts";

/** What the world outside a call's room learns of it: the catalogue in D1, and the hubs of those inside. */
export class CallCatalogue {
	readonly #env: Env;
	readonly #table: CallTable;
	/** One after the other: what is true later is never overwritten by what was true before. */
	#last: Promise<void> = Promise.resolve();

	constructor(env: Env) {
		this.#env = env;
		this.#table = new CallTable(openDatabase(env.DB));
	}

	/** The row as it is now; `hostID` is always one with an account. A failure is logged: the room itself is the truth while it lives. */
	async describe(facts: CallFacts, size: number): Promise<void> {
		const { callID, title, state, access, isLocked, startedAt, endedAt, isRecording, hostID, hostName } =
			facts;
		await this.#try(callID, () =>
			this.#table.update(callID, {
				title,
				state,
				access,
				isLocked,
				startedAt,
				endedAt,
				hostID,
				hostName,
				participantCount: size,
				recordingState: isRecording ? "recording" : "off",
			}),
		);
	}

	async entered(callID: CallID, { userID, displayName, isGuest, joinedAt }: Member): Promise<void> {
		if (isGuest) return;
		await this.#try(callID, async () => {
			await this.#env.USER_HUB.getByName(userID).setBusy(callID, true);
			await this.#table.memberJoined(callID, { userID, displayName }, joinedAt);
		});
	}

	async left(callID: CallID, { userID, isGuest }: Member): Promise<void> {
		if (isGuest) return;
		await this.#try(callID, async () => {
			await this.#env.USER_HUB.getByName(userID).setBusy(callID, false);
			await this.#table.memberLeft(callID, userID, Date.now());
		});
	}

	#try(callID: CallID, work: () => Promise<void>): Promise<void> {
		this.#last = this.#last.then(async () => {
			try {
				await work();
			} catch (error) {
				log.error("call.not-catalogued", error, { callID });
			}
		});
		return this.#last;
	}
}
