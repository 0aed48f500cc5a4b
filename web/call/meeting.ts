import { type ReadonlySignal, signal } from "@preact/signals";
import { joinCall } from "../../protocol/call.ts";
import type { JoinCode } from "../../protocol/ids.ts";
import { enterAsGuest } from "../account/guest-session.ts";
import { session } from "../account/session.ts";
import { ApiError, call } from "../shell/api.ts";
import { LocalMedia } from "./devices/local-media.ts";
import type { EndingReason } from "./ending.ts";
import { CallSession } from "./engine/call-session.ts";
import type { JoinIntent } from "./join-intent.ts";
import type { RealtimeKitPlace } from "./realtime-kit-provider.ts";

/** How far one is: before the door, knocking or entering, inside, or over. */
export type MeetingStep =
	| { name: "door" }
	| { name: "entering" }
	| { name: "inside"; call: CallSession }
	/** Inside a call that Cloudflare RealtimeKit holds: its SDK opens the devices itself. */
	| { name: "kit"; place: RealtimeKitPlace; devices: { mic: boolean; cam: boolean } }
	/** `startedAt` (ms since 1970) null: one never got in. `title` as it was last. */
	| { name: "over"; reason: EndingReason; startedAt: number | null; title: string | null };

/** One visit to one call, from the lobby to the end. The page makes it and disposes of it. */
export class Meeting {
	readonly code: JoinCode;
	readonly media = new LocalMedia();
	readonly step: ReadonlySignal<MeetingStep>;
	/** Why the last attempt to join failed, if trying again may help. */
	readonly failure: ReadonlySignal<unknown>;

	readonly #step = signal<MeetingStep>({ name: "door" });
	readonly #failure = signal<unknown>(null);
	#displayName = "";
	#stopFollowing: (() => void) | null = null;
	#isDisposed = false;

	constructor(code: JoinCode) {
		this.code = code;
		this.step = this.#step;
		this.failure = this.#failure;
	}

	/** The name one joined by last. */
	get displayName(): string {
		return this.#displayName;
	}

	/** Takes a place, as the signed-in person or as a guest of this name. */
	async join(displayName: string, answer?: Promise<void>): Promise<void> {
		if (["entering", "inside", "kit"].includes(this.#step.value.name)) return;
		this.#step.value = { name: "entering" };
		this.#failure.value = null;
		this.#displayName = displayName;
		try {
			if (session.value.kind !== "signed-in") await enterAsGuest(displayName);
			const capabilities = await this.media.capabilities();
			const params = { callID: this.code };
			const joining = call(joinCall, { params, body: { displayName, capabilities } });
			// A place alone is no answer: who was rung comes in only if theirs was the first.
			const [joined] = await Promise.all([joining, answer]);
			if (this.#isDisposed) return;
			if (joined.realtimeKit !== undefined) this.#enterKit(joined.realtimeKit);
			else this.#enter(new CallSession({ joined, displayName, media: this.media }));
		} catch (error) {
			this.#refuse(error);
		}
	}

	/** Answers a ring: goes in at once, and opens the devices beside it. */
	async joinNow(displayName: string, { kind, answer }: JoinIntent): Promise<void> {
		const devices = kind === "video" ? this.media.openBoth() : this.media.setMic(true);
		await Promise.all([this.join(displayName, answer), devices]);
	}

	/** Out of a call that RealtimeKit holds. */
	leaveKit(): void {
		if (this.#step.value.name !== "kit") return;
		this.#step.value = { name: "over", reason: "left", startedAt: null, title: null };
	}

	/** Does not wait in the lobby any longer. */
	withdraw(): void {
		const step = this.#step.value;
		this.#stopFollowing?.();
		if (step.name === "inside") step.call.dispose();
		this.#step.value = { name: "door" };
	}

	/** Lets go of the call and the devices. */
	dispose(): void {
		this.#isDisposed = true;
		this.#stopFollowing?.();
		const step = this.#step.value;
		if (step.name === "inside") step.call.dispose();
		this.media.stop();
	}

	#enterKit(place: RealtimeKitPlace): void {
		const devices = { mic: this.media.isMicOn.value, cam: this.media.isCamOn.value };
		this.media.stop();
		this.#step.value = { name: "kit", place, devices };
	}

	#enter(entered: CallSession): void {
		this.#step.value = { name: "inside", call: entered };
		let startedAt: number | null = null;
		const isDebugged = new URLSearchParams(window.location.search).has("debug");
		if (isDebugged) Object.assign(window, { rostrumCall: entered });
		this.#stopFollowing = entered.phase.subscribe((phase) => {
			if (phase.name === "connected") startedAt ??= Date.now();
			if (phase.name !== "ended") return;
			this.#step.value = {
				name: "over",
				reason: phase.reason,
				startedAt,
				title: entered.room.value?.title ?? null,
			};
			// The engine has said its last word; what it holds is let go after this turn.
			queueMicrotask(() => entered.dispose());
		});
	}

	#refuse(error: unknown): void {
		const reason = refusalOf(error);
		if (reason === null) {
			this.#failure.value = error;
			this.#step.value = { name: "door" };
		} else {
			this.#step.value = { name: "over", reason, startedAt: null, title: null };
		}
	}
}

const REFUSALS: Record<string, EndingReason> = {
	full: "full",
	locked: "locked",
	"call-ended": "over",
	"already-answered": "elsewhere",
	"not-found": "not-found",
	forbidden: "refused",
};

/** What an answer of the API means for somebody at the door; null: it may be different next time. */
export function refusalOf(error: unknown): EndingReason | null {
	return error instanceof ApiError ? (REFUSALS[error.problem.code] ?? null) : null;
}
