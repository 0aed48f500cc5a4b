import { CallTable } from "../adapters/database/call-table.ts";
import { openDatabase } from "../adapters/database/database.ts";
import { log } from "../adapters/log.ts";
import type { CallFacts, Member } from "../domain/call/member.ts";
import type { Topology } from "../protocol/call.ts";
import type { CallID } from "../protocol/ids.ts";

/** What the world outside a call's room learns of it: the catalogue in D1, and the hubs of those inside. */
export class CallCatalogue {
	readonly #env: Env;
	readonly #table: CallTable;
	/** One after the other: what is true later is never overwritten by what was true before. */
	#last: Promise<unknown> = Promise.resolve();

	constructor(env: Env) {
		this.#env = env;
		this.#table = new CallTable(openDatabase(env.DB));
	}

	/** The row as it is now; `hostID` is always one with an account. False if it did not arrive. */
	async describe(facts: CallFacts, now: { size: number; topology: Topology }): Promise<boolean> {
		const { callID, title, state, access, isLocked, startedAt, endedAt, isRecording, hostID, hostName } =
			facts;
		return this.#try(callID, () =>
			this.#table.update(callID, {
				title,
				state,
				access,
				isLocked,
				startedAt,
				endedAt,
				hostID,
				hostName,
				participantCount: now.size,
				topology: now.topology,
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

	#try(callID: CallID, work: () => Promise<void>): Promise<boolean> {
		const attempt = this.#last.then(async () => {
			try {
				await work();
				return true;
			} catch (error) {
				log.error("call.not-catalogued", error, { callID });
				return false;
			}
		});
		this.#last = attempt;
		return attempt;
	}
}
