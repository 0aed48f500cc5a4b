import { readConfig } from "../adapters/config.ts";
import { log } from "../adapters/log.ts";
import { RealtimeKit } from "../adapters/realtime-kit.ts";
import type { Call } from "../domain/call/call.ts";
import { type Member, roleOf } from "../domain/call/member.ts";
import type { CallStore } from "./call-store.ts";

/** A call held by RealtimeKit instead of this room (`CALL_PROVIDER=realtimekit`): one meeting a call, one seat a place. */
export class CallMeeting {
	readonly #kit: RealtimeKit | null;
	readonly #store: CallStore;
	/** Two who come first at once share one meeting. */
	#meetingID: Promise<string> | null = null;

	constructor(env: Env, store: CallStore) {
		const { realtimeKit } = readConfig(env);
		this.#kit = realtimeKit && new RealtimeKit(realtimeKit);
		this.#store = store;
	}

	/** What the SDK is opened with; null if this room holds the call itself. Throws AppError `sfu-error`. */
	async seat(call: Call, member: Member): Promise<{ meetingID: string; authToken: string } | null> {
		const kit = this.#kit;
		if (!kit) return null;
		this.#meetingID ??= this.#findOrCreate(kit, call.facts.title);
		const { meetingID, authToken } = await kit.addParticipant({
			meetingID: await this.#meetingID,
			participantID: member.participantID,
			displayName: member.displayName,
			isHost: roleOf(call.facts, member.userID) !== "member",
		});
		return { meetingID, authToken };
	}

	/** The call is over: so is the meeting. */
	async end(): Promise<void> {
		const meetingID = this.#store.facts.get<string>("meetingID");
		if (!this.#kit || meetingID === undefined) return;
		try {
			await this.#kit.endMeeting(meetingID);
		} catch (error) {
			log.error("call.meeting-not-ended", error);
		}
	}

	async #findOrCreate(kit: RealtimeKit, title: string): Promise<string> {
		try {
			const known = this.#store.facts.get<string>("meetingID");
			const meetingID = known ?? (await kit.createMeeting(title === "" ? "Call" : title));
			this.#store.facts.put("meetingID", meetingID);
			return meetingID;
		} catch (error) {
			this.#meetingID = null;
			throw error;
		}
	}
}
