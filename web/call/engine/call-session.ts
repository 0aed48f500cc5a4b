import { type ReadonlySignal, signal } from "@preact/signals";
import {
	type CallAccess,
	type joinCall,
	type Participant,
	type ParticipantRole,
	removeParticipant,
	updateCall,
	updateParticipant,
} from "../../../protocol/call.ts";
import type { Subscription } from "../../../protocol/call-sfu.ts";
import type { EndpointReply } from "../../../protocol/endpoint.ts";
import type { ParticipantID } from "../../../protocol/ids.ts";
import type { CallConfig, RoomFacts } from "../../../protocol/signal.ts";
import { call } from "../../shell/api.ts";
import type { CallMedia } from "./call-media.ts";
import {
	type CallChatLine,
	type CallPhase,
	type CallProblem,
	type CallQuality,
	type CallReaction,
	UNKNOWN_QUALITY,
} from "./call-types.ts";
import type { RemotePerson } from "./remote-person.ts";

export interface CallSessionOptions {
	/** Reply of row 74. */
	joined: EndpointReply<typeof joinCall>;
	displayName: string;
	media: CallMedia;
	/** How API calls are made; tests with several people in one page give each their own. */
	api?: typeof call;
}

/**
 * One person's presence in one call: what pages show and do. It starts at once; `dispose()` leaves without a trace.
 * The state is read through signals; what fails by network is retried inside. Moderation ends in ApiError or NoAnswerError.
 */
export class CallSession {
	readonly phase: ReadonlySignal<CallPhase> = signal<CallPhase>({ name: "connecting" });
	readonly room: ReadonlySignal<RoomFacts | null> = signal(null);
	readonly self: ReadonlySignal<Participant | null> = signal(null);
	readonly config: ReadonlySignal<CallConfig | null> = signal(null);
	/** Everybody else who has joined, in order of joining. */
	readonly people: ReadonlySignal<readonly RemotePerson[]> = signal([]);
	/** In the lobby; hosts see them. */
	readonly waiting: ReadonlySignal<readonly Participant[]> = signal([]);
	readonly speakerID: ReadonlySignal<ParticipantID | null> = signal(null);
	readonly recording: ReadonlySignal<"off" | "recording"> = signal("off");
	readonly chat: ReadonlySignal<readonly CallChatLine[]> = signal([]);
	readonly problem: ReadonlySignal<CallProblem | null> = signal(null);
	readonly quality: ReadonlySignal<CallQuality> = signal(UNKNOWN_QUALITY);
	/** Who muted us last, until somebody reads it away by `dismissMuted()`. */
	readonly mutedBy: ReadonlySignal<{ source: "mic" | "cam" | "screen"; by: string } | null> = signal(null);
	/** The browser wants a click before it plays sound: show a button that calls `resumeAudio()`. */
	readonly isAudioBlocked: ReadonlySignal<boolean> = signal(false);

	readonly #options: CallSessionOptions;
	readonly #api: typeof call;
	readonly #reactionListeners = new Set<(reaction: CallReaction) => void>();

	constructor(options: CallSessionOptions) {
		this.#options = options;
		this.#api = options.api ?? call;
	}

	/** Calls `listener` for each reaction of anybody, our own too. Returns how to stop. */
	onReaction(listener: (reaction: CallReaction) => void): () => void {
		this.#reactionListeners.add(listener);
		return () => this.#reactionListeners.delete(listener);
	}

	/** The whole list of what is on screen and how large (CSS pixels × device pixel ratio); videos not listed are hidden. Sound needs no wish. Call it as often as you like. */
	setWishes(_wishes: readonly Subscription[]): void {}

	say(_text: string): void {}

	/** Says a failed line once more. */
	sayAgain(_clientMsgID: string): void {}

	raiseHand(_on: boolean): void {}

	react(_emoji: string): void {}

	dismissMuted(): void {}

	/** After a click: plays what the browser held back. */
	async resumeAudio(): Promise<void> {}

	/** Does not wait for the next attempt any longer. */
	retryNow(): void {}

	leave(): void {}

	async endForAll(): Promise<void> {
		await this.#api(updateCall, { ...this.#callParams, body: { state: "ended" } });
	}

	async muteOther(participantID: ParticipantID, source: "mic" | "cam" | "screen"): Promise<void> {
		const muted = { [source]: true };
		await this.#api(updateParticipant, { ...this.#personParams(participantID), body: { muted } });
	}

	/** Everybody's microphone but our own. */
	async muteAll(): Promise<void> {
		await Promise.all(this.people.value.map((person) => this.muteOther(person.participantID, "mic")));
	}

	async remove(participantID: ParticipantID): Promise<void> {
		await this.#api(removeParticipant, this.#personParams(participantID));
	}

	async admit(participantID: ParticipantID, isAdmitted: boolean): Promise<void> {
		await this.#api(updateParticipant, {
			...this.#personParams(participantID),
			body: { admitted: isAdmitted },
		});
	}

	async setRole(participantID: ParticipantID, role: ParticipantRole): Promise<void> {
		await this.#api(updateParticipant, { ...this.#personParams(participantID), body: { role } });
	}

	async setLocked(isLocked: boolean): Promise<void> {
		await this.#api(updateCall, { ...this.#callParams, body: { isLocked } });
	}

	async setAccess(access: CallAccess): Promise<void> {
		await this.#api(updateCall, { ...this.#callParams, body: { access } });
	}

	async setTitle(title: string): Promise<void> {
		await this.#api(updateCall, { ...this.#callParams, body: { title } });
	}

	/** Leaves if need be, and lets go of everything. The devices are the page's. */
	dispose(): void {}

	get #callParams() {
		return { params: { callID: this.#options.joined.callID } };
	}

	#personParams(participantID: ParticipantID) {
		return { params: { callID: this.#options.joined.callID, participantID } };
	}
}
