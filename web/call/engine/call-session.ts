import { batch, computed, type ReadonlySignal, signal } from "@preact/signals";
import { type CallAccess, joinCall, type Participant, type ParticipantRole } from "../../../protocol/call.ts";
import type { Subscription } from "../../../protocol/call-sfu.ts";
import type { EndpointReply } from "../../../protocol/endpoint.ts";
import type { ParticipantID } from "../../../protocol/ids.ts";
import {
	type CallConfig,
	type RoomFacts,
	SIGNAL_CLOSE,
	type SignalServerMessage,
} from "../../../protocol/signal.ts";
import { ApiError, call } from "../../shell/api.ts";
import { CallChat } from "./call-chat.ts";
import type { CallMedia } from "./call-media.ts";
import { CallPresence } from "./call-presence.ts";
import { CallRoomCalls } from "./call-room-calls.ts";
import {
	type CallChatLine,
	type CallPhase,
	type CallProblem,
	type CallQuality,
	type CallReaction,
	type EndReason,
	UNKNOWN_QUALITY,
} from "./call-types.ts";
import { signalDelayMs } from "./reconnect-delay.ts";
import type { RemotePerson } from "./remote-person.ts";
import { waitingIn } from "./room-state.ts";
import type { SignalState } from "./signal-socket.ts";

export interface CallSessionOptions {
	/** Reply of row 74. */
	joined: EndpointReply<typeof joinCall>;
	displayName: string;
	media: CallMedia;
	/** How API calls are made; tests with several people in one page give each their own. */
	api?: typeof call;
}

/** Statuses of row 74 after which there is no coming back. */
const REFUSALS = [403, 404, 409, 410, 423];

/**
 * One person's presence in one call: what pages show and do. It starts at once; `dispose()` leaves without a trace.
 * The state is read through signals; what fails by network is retried inside, and a place that was lost is taken anew.
 * Moderation ends in ApiError or NoAnswerError.
 */
export class CallSession {
	readonly phase: ReadonlySignal<CallPhase>;
	readonly room: ReadonlySignal<RoomFacts | null>;
	readonly self: ReadonlySignal<Participant | null>;
	readonly config: ReadonlySignal<CallConfig | null>;
	/** Everybody else who has joined, in order of joining. */
	readonly people: ReadonlySignal<readonly RemotePerson[]>;
	/** In the lobby; hosts see them. */
	readonly waiting: ReadonlySignal<readonly Participant[]>;
	readonly speakerID: ReadonlySignal<ParticipantID | null>;
	readonly recording: ReadonlySignal<"off" | "recording">;
	readonly chat: ReadonlySignal<readonly CallChatLine[]>;
	readonly problem: ReadonlySignal<CallProblem | null>;
	readonly quality: ReadonlySignal<CallQuality>;
	/** Who muted us last, until `dismissMuted()`. */
	readonly mutedBy: ReadonlySignal<{ source: "mic" | "cam" | "screen"; by: string } | null>;
	/** The browser wants a click before it plays sound: show a button that calls `resumeAudio()`. */
	readonly isAudioBlocked: ReadonlySignal<boolean>;

	readonly #options: CallSessionOptions;
	readonly #api: typeof call;
	readonly #calls: CallRoomCalls;
	readonly #chat: CallChat;
	readonly #phase = signal<CallPhase>({ name: "connecting" });
	readonly #presence = signal<CallPresence | null>(null);
	readonly #room = signal<RoomFacts | null>(null);
	readonly #problem = signal<CallProblem | null>(null);
	readonly #quality = signal<CallQuality>(UNKNOWN_QUALITY);
	readonly #mutedBy = signal<{ source: "mic" | "cam" | "screen"; by: string } | null>(null);
	readonly #reactionListeners = new Set<(reaction: CallReaction) => void>();
	#wishes: readonly Subscription[] | null = null;
	#rejoins = 0;

	constructor(options: CallSessionOptions) {
		this.#options = options;
		this.#api = options.api ?? call;
		this.#calls = new CallRoomCalls(this.#api, options.joined.callID);
		this.#chat = new CallChat({
			send: (message) => this.#presence.value?.send(message),
			self: () => this.self.value,
		});
		const state = computed(() => this.#presence.value?.state.value ?? null);
		this.phase = this.#phase;
		this.room = this.#room;
		this.self = computed(() => state.value?.participants.get(state.value.selfID) ?? null);
		this.config = computed(() => state.value?.config ?? null);
		this.people = computed(() => this.#presence.value?.paths?.people.value ?? []);
		this.waiting = computed(() => (state.value === null ? [] : waitingIn(state.value)));
		this.speakerID = computed(() => state.value?.speakerID ?? null);
		this.recording = computed(() => state.value?.recording ?? "off");
		this.chat = this.#chat.lines;
		this.problem = this.#problem;
		this.quality = this.#quality;
		this.mutedBy = this.#mutedBy;
		this.isAudioBlocked = computed(() => this.#presence.value?.paths?.audio.isBlocked.value ?? false);
		this.#enter(options.joined).catch((error: unknown) => this.#end("failed", String(error)));
	}

	/** For tests and the connection panel: the engine as it is now. */
	get presence(): CallPresence | null {
		return this.#presence.value;
	}

	/** Calls `listener` for each reaction of anybody, our own too. Returns how to stop. */
	onReaction(listener: (reaction: CallReaction) => void): () => void {
		this.#reactionListeners.add(listener);
		return () => this.#reactionListeners.delete(listener);
	}

	/**
	 * The whole list of what is on screen and how large (CSS pixels × device pixel ratio); videos not listed are hidden.
	 * Sound needs no wish. Call it as often as you like.
	 */
	setWishes(wishes: readonly Subscription[]): void {
		this.#wishes = wishes;
		this.#presence.value?.setWishes(wishes);
	}

	say(text: string): void {
		this.#chat.say(text);
	}

	/** Says a failed line once more. */
	sayAgain(clientMsgID: string): void {
		this.#chat.sayAgain(clientMsgID);
	}

	raiseHand(on: boolean): void {
		this.#presence.value?.send({ t: "hand", raised: on });
	}

	react(emoji: string): void {
		this.#presence.value?.send({ t: "reaction", emoji });
	}

	dismissMuted(): void {
		this.#mutedBy.value = null;
	}

	/** After a click: plays what the browser held back. */
	async resumeAudio(): Promise<void> {
		await this.#presence.value?.paths?.audio.resume();
	}

	/** Does not wait for the next attempt any longer. */
	retryNow(): void {
		this.#presence.value?.retryNow();
	}

	leave(): void {
		if (this.#phase.value.name === "ended") return;
		this.#presence.value?.leave();
		this.#end("left");
	}

	async endForAll(): Promise<void> {
		await this.#calls.change({ state: "ended" });
	}

	async muteOther(participantID: ParticipantID, source: "mic" | "cam" | "screen"): Promise<void> {
		await this.#calls.changePerson(participantID, { muted: { [source]: true } });
	}

	/** Everybody's microphone but our own. */
	async muteAll(): Promise<void> {
		const loud = this.people.value.filter(({ participant }) => participant.value.media.mic);
		await Promise.all(loud.map(({ participantID }) => this.muteOther(participantID, "mic")));
	}

	async remove(participantID: ParticipantID): Promise<void> {
		await this.#calls.remove(participantID);
	}

	async admit(participantID: ParticipantID, isAdmitted: boolean): Promise<void> {
		await this.#calls.changePerson(participantID, { admitted: isAdmitted });
	}

	async setRole(participantID: ParticipantID, role: ParticipantRole): Promise<void> {
		await this.#calls.changePerson(participantID, { role });
	}

	async setLocked(isLocked: boolean): Promise<void> {
		await this.#calls.change({ isLocked });
	}

	async setAccess(access: CallAccess): Promise<void> {
		await this.#calls.change({ access });
	}

	async setTitle(title: string): Promise<void> {
		await this.#calls.change({ title });
	}

	/** Leaves if need be, and lets go of everything. The devices are the page's. */
	dispose(): void {
		this.leave();
		this.#reactionListeners.clear();
	}

	async #enter(joined: EndpointReply<typeof joinCall>): Promise<void> {
		const { displayName, media } = this.#options;
		const capabilities = await media.capabilities();
		if (this.#phase.value.name === "ended") return;
		this.#presence.value?.close();
		this.#presence.value = new CallPresence({
			joined,
			capabilities,
			displayName,
			media,
			api: this.#api,
			quality: this.#quality,
			problem: this.#problem,
			onState: (state) => this.#followSocket(state),
			onMessage: (message) => this.#receive(message),
			onRefused: (code) => this.#refused(code),
		});
	}

	#followSocket(state: SignalState): void {
		const phase = this.#phase.value;
		if (phase.name === "ended" || phase.name === "connecting") {
			if (state.name === "ready" && phase.name === "connecting") this.#phase.value = { name: "connected" };
			return;
		}
		if (state.name === "ready") {
			this.#phase.value = { name: "connected" };
			return;
		}
		const since = phase.name === "reconnecting" ? phase.since : Date.now();
		const retryAt = state.name === "waiting" ? state.retryAt : null;
		this.#phase.value = { name: "reconnecting", since, attempt: state.attempt, retryAt };
	}

	#receive(message: SignalServerMessage): void {
		switch (message.t) {
			case "welcome":
				this.#rejoins = 0;
				this.#room.value = message.room;
				this.#chat.recall(message.chat);
				if (this.#wishes !== null) this.#presence.value?.setWishes(this.#wishes);
				break;
			case "lobby":
				this.#room.value = message.room;
				this.#phase.value = { name: "lobby" };
				break;
			case "room":
				this.#room.value = message;
				break;
			case "chat":
				this.#chat.hear(message);
				break;
			case "reaction":
				for (const listener of this.#reactionListeners) listener(message);
				break;
			case "mute":
				this.#obey(message);
				break;
			case "kicked":
				this.#end(message.reason);
				break;
			case "ended":
				this.#end(message.reason);
				break;
			case "error":
				this.#chat.refused(message.id ?? "");
				break;
			default:
		}
	}

	#obey({ source, by }: { source: "mic" | "cam" | "screen"; by: string }): void {
		const { media } = this.#options;
		if (source === "mic") media.setMic(false);
		else if (source === "cam") media.setCam(false);
		else media.stopScreen();
		this.#mutedBy.value = { source, by };
	}

	#refused(code: number | null): void {
		if (code === SIGNAL_CLOSE.replaced) this.#end("replaced");
		else if (code === SIGNAL_CLOSE.notAllowed) this.#end("removed");
		else if (code === SIGNAL_CLOSE.ended) this.#end("host");
		else void this.#rejoin();
	}

	/** The place was given up while we were away: another one is taken, under the code by which others come in too. */
	async #rejoin(): Promise<void> {
		const { displayName, joined, media } = this.#options;
		this.#presence.value?.close();
		const delayMs = signalDelayMs(this.#rejoins);
		this.#rejoins += 1;
		this.#followSocket({ name: "waiting", attempt: this.#rejoins, retryAt: Date.now() + delayMs });
		await new Promise((resolve) => setTimeout(resolve, delayMs));
		if (this.#phase.value.name === "ended") return;
		try {
			const capabilities = await media.capabilities();
			const params = { callID: this.#room.value?.code ?? joined.callID };
			await this.#enter(await this.#api(joinCall, { params, body: { displayName, capabilities } }));
		} catch (error) {
			const refusal = error instanceof ApiError ? error : null;
			if (refusal === null || !REFUSALS.includes(refusal.problem.status)) void this.#rejoin();
			else if (refusal.problem.code === "call-ended") this.#end("host");
			else this.#end("failed", refusal.message);
		}
	}

	#end(reason: EndReason, detail?: string): void {
		if (this.#phase.value.name === "ended") return;
		batch(() => {
			this.#phase.value = { name: "ended", reason, ...(detail === undefined ? {} : { detail }) };
			this.#problem.value = null;
		});
		this.#chat.close();
		this.#presence.value?.close();
	}
}
