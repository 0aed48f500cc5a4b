import type Client from "@cloudflare/realtimekit";
import { type ReadonlySignal, signal } from "@preact/signals";

/** A place in a meeting of Cloudflare RealtimeKit, as `joinCall` answers with `CALL_PROVIDER=realtimekit`. */
export type RealtimeKitPlace = { meetingID: string; authToken: string };

/** Somebody in the meeting, oneself included. Tracks are null while nothing is sent. */
export type KitPerson = {
	id: string;
	name: string;
	isSelf: boolean;
	cam: MediaStreamTrack | null;
	mic: MediaStreamTrack | null;
	screen: MediaStreamTrack | null;
};

export type KitPhase =
	| { name: "connecting" }
	| { name: "connected" }
	/** `code` is the SDK's own, such as ERR0001, or `unknown`. */
	| { name: "failed"; code: string; text: string }
	| { name: "ended"; reason: "left" | "removed" | "host" | "failed" };

/**
 * A call that Cloudflare RealtimeKit holds instead of our rooms: its SDK, loaded only now, joins with the token we were given. Chat, layouts and
 * moderation of our own are not there.
 */
export class RealtimeKitCall {
	readonly phase: ReadonlySignal<KitPhase>;
	/** Oneself first, then by the time they came. */
	readonly people: ReadonlySignal<readonly KitPerson[]>;
	readonly #phase = signal<KitPhase>({ name: "connecting" });
	readonly #people = signal<readonly KitPerson[]>([]);
	#client: Client | null = null;
	#isDisposed = false;

	constructor() {
		this.phase = this.#phase;
		this.people = this.#people;
	}

	/** Loads the SDK and joins. Never throws: what went wrong is in `phase`. */
	async join(place: RealtimeKitPlace, devices: { mic: boolean; cam: boolean }): Promise<void> {
		try {
			const { default: RealtimeKitClient } = await import("@cloudflare/realtimekit");
			const client = await RealtimeKitClient.init({
				authToken: place.authToken,
				defaults: { audio: devices.mic, video: devices.cam },
			});
			if (this.#isDisposed) return;
			this.#client = client;
			this.#follow(client);
			await client.join();
			if (this.#isDisposed) {
				await client.leave();
				return;
			}
			this.#phase.value = { name: "connected" };
			this.#list(client);
		} catch (error) {
			if (!this.#isDisposed) this.#phase.value = failureOf(error);
		}
	}

	async setMic(on: boolean): Promise<void> {
		await (on ? this.#client?.self.enableAudio() : this.#client?.self.disableAudio());
	}

	async setCam(on: boolean): Promise<void> {
		await (on ? this.#client?.self.enableVideo() : this.#client?.self.disableVideo());
	}

	async leave(): Promise<void> {
		this.#isDisposed = true;
		await this.#client?.leave();
		this.#phase.value = { name: "ended", reason: "left" };
	}

	#follow(client: Client): void {
		const list = () => this.#list(client);
		const { self, participants } = client;
		for (const event of ["videoUpdate", "audioUpdate", "screenShareUpdate"] as const) {
			self.on(event, list);
			participants.joined.on(event, list);
		}
		participants.joined.on("participantJoined", list);
		participants.joined.on("participantLeft", list);
		self.on("roomLeft", ({ state }) => {
			this.#people.value = [];
			this.#phase.value = { name: "ended", reason: ENDINGS.get(state) ?? "failed" };
		});
	}

	#list(client: Client): void {
		const others = [...client.participants.joined.values()];
		this.#people.value = [
			{ ...tracksOf(client.self), id: client.self.id, name: client.self.name, isSelf: true },
			...others.map((one) => ({ ...tracksOf(one), id: one.id, name: one.name, isSelf: false })),
		];
	}
}

type Sender = {
	videoEnabled: boolean;
	audioEnabled: boolean;
	screenShareEnabled: boolean;
	videoTrack: MediaStreamTrack;
	audioTrack: MediaStreamTrack;
	screenShareTracks?: { video?: MediaStreamTrack };
};

const ENDINGS = new Map<string, "left" | "removed" | "host">([
	["left", "left"],
	["kicked", "removed"],
	["rejected", "removed"],
	["ended", "host"],
]);

function tracksOf(sender: Sender): Pick<KitPerson, "cam" | "mic" | "screen"> {
	const { videoEnabled, audioEnabled, screenShareEnabled, screenShareTracks } = sender;
	return {
		cam: videoEnabled ? sender.videoTrack : null,
		mic: audioEnabled ? sender.audioTrack : null,
		screen: screenShareEnabled ? (screenShareTracks?.video ?? null) : null,
	};
}

/** The SDK throws errors with a code of four digits, and its own words with `[ERR0001]` in front. */
function failureOf(error: unknown): KitPhase {
	const words = error instanceof Error ? error.message : String(error);
	const code = /\bERR\d{4}\b/.exec(words)?.[0] ?? codeOf(error);
	const reason = REASONS.get(code) ?? "Cloudflare RealtimeKit did not let you in.";
	return { name: "failed", code, text: `${reason} (${code})` };
}

function codeOf(error: unknown): string {
	const code = typeof error === "object" && error !== null && "code" in error ? String(error.code) : "";
	return /^\d{4}$/.test(code) ? `ERR${code}` : "unknown";
}

/** ERROR_CODES of @cloudflare/realtimekit 2.0.2, in words for whoever waits. */
const REASONS = new Map([
	["ERR0001", "Cloudflare RealtimeKit could not be reached."],
	["ERR0002", "The meeting could not be joined."],
	["ERR0004", "Cloudflare RealtimeKit does not take our token."],
	["ERR0010", "Cloudflare RealtimeKit does not support this browser."],
	["ERR0011", "Cloudflare RealtimeKit could not be reached."],
	["ERR0012", "The connection to Cloudflare RealtimeKit broke."],
	["ERR0013", "Too many are asking Cloudflare RealtimeKit just now."],
	["ERR0014", "The connection for picture and sound could not be made."],
]);
