import { type ReadonlySignal, signal } from "@preact/signals";
import { canCapture } from "../../devices/can-capture.ts";
import { type DeviceProblem, deviceProblem } from "../../devices/device-problem.ts";
import { recall, remember } from "../../shell/settings.ts";

/** What tells a microphone from a camera. */
export interface InputKind {
	name: "microphone" | "camera";
	kind: "audio" | "video";
	/** Where the chosen device is remembered. */
	storageKey: string;
	/** The constraints of everything but the device. */
	constraints: () => MediaTrackConstraints;
	/** Off means silent packets (`silence`), or no device at all: its light goes out (`stop`). */
	whenOff: "silence" | "stop";
}

/** One microphone or camera: the track there is, whether it is on, and what stands in its way. */
export class InputDevice {
	readonly track: ReadonlySignal<MediaStreamTrack | null>;
	readonly isOn: ReadonlySignal<boolean>;
	readonly problem: ReadonlySignal<DeviceProblem | null>;
	/** The browser asks the person, or the device starts. */
	readonly isAsking: ReadonlySignal<boolean>;
	/** `deviceId` of the chosen device; "" for the system's choice. */
	readonly deviceID: ReadonlySignal<string>;

	readonly #kind: InputKind;
	readonly #track = signal<MediaStreamTrack | null>(null);
	readonly #isOn = signal(false);
	readonly #problem = signal<DeviceProblem | null>(null);
	readonly #isAsking = signal(false);
	readonly #deviceID = signal("");
	/** The person wants it on, whether or not it could be had. */
	#isWanted = false;
	#turn = 0;

	constructor(kind: InputKind) {
		this.#kind = kind;
		this.#deviceID.value = recall(kind.storageKey) ?? "";
		this.track = this.#track;
		this.isOn = this.#isOn;
		this.problem = this.#problem;
		this.isAsking = this.#isAsking;
		this.deviceID = this.#deviceID;
	}

	get isWanted(): boolean {
		return this.#isWanted;
	}

	/** What `getUserMedia` is asked for. */
	get constraints(): MediaTrackConstraints {
		const exact = this.#deviceID.value === "" ? {} : { deviceId: { exact: this.#deviceID.value } };
		return { ...this.#kind.constraints(), ...exact };
	}

	async setOn(isOn: boolean): Promise<void> {
		this.#isWanted = isOn;
		const track = this.#track.value;
		if (!isOn) return this.#turnOff(track);
		if (track === null) return this.open();
		track.enabled = true;
		this.#isOn.value = true;
	}

	/** Takes the device, anew if it is open already. */
	async open(): Promise<void> {
		this.#isWanted = true;
		this.#turn += 1;
		const turn = this.#turn;
		this.#isAsking.value = true;
		try {
			const track = await this.#ask();
			if (turn === this.#turn) this.adopt(track);
			else track.stop();
		} catch (error) {
			if (turn === this.#turn) this.fail(error);
		} finally {
			if (turn === this.#turn) this.#isAsking.value = false;
		}
	}

	/** Begins to wait for a track that somebody else asks for, together with another device. */
	expect(): void {
		this.#isWanted = true;
		this.#turn += 1;
		this.#isAsking.value = true;
	}

	/** Takes a track that was opened for this device. */
	adopt(track: MediaStreamTrack): void {
		this.#isAsking.value = false;
		const before = this.#track.value;
		// What was turned off while the question was open stays off.
		if (!this.#isWanted && this.#kind.whenOff === "stop") {
			track.stop();
			return;
		}
		track.enabled = this.#isWanted;
		track.contentHint = this.#kind.kind === "video" ? "motion" : "speech";
		track.addEventListener("ended", () => {
			if (this.#track.value === track) this.#lost();
		});
		this.#problem.value = null;
		this.#track.value = track;
		this.#isOn.value = this.#isWanted;
		before?.stop();
	}

	/** The device could not be had. */
	fail(error: unknown): void {
		this.#isAsking.value = false;
		this.#isOn.value = false;
		this.#problem.value = deviceProblem(error, canCapture(), this.#kind.name);
	}

	/** Takes another device, and remembers it. */
	async choose(deviceID: string): Promise<void> {
		this.#deviceID.value = deviceID;
		remember(this.#kind.storageKey, deviceID);
		if (this.#track.value !== null || this.#problem.value !== null) await this.#reopen();
	}

	/** Opens it again as it was: on stays on, muted stays muted. After a change of the constraints. */
	async renew(): Promise<void> {
		if (this.#track.value !== null) await this.#reopen();
	}

	/** The trouble may be over (a device came, a permission changed): tries again if it is wanted. */
	async heal(kinds: readonly DeviceProblem["kind"][]): Promise<void> {
		const problem = this.#problem.value;
		if (problem === null || !kinds.includes(problem.kind)) return;
		if (this.#isWanted) await this.open();
		else this.#problem.value = null;
	}

	/** The trouble has been read; the device stays away. */
	dismiss(): void {
		this.#problem.value = null;
	}

	/** Lets go of the device for good. */
	close(): void {
		this.#turn += 1;
		this.#isAsking.value = false;
		this.#track.value?.stop();
		this.#track.value = null;
		this.#isOn.value = false;
	}

	#turnOff(track: MediaStreamTrack | null): void {
		this.#turn += 1;
		this.#isAsking.value = false;
		this.#isOn.value = false;
		if (track === null) return;
		track.enabled = false;
		if (this.#kind.whenOff === "silence") return;
		this.#track.value = null;
		track.stop();
	}

	async #reopen(): Promise<void> {
		const wasWanted = this.#isWanted;
		if (!wasWanted && this.#kind.whenOff === "stop") {
			this.#problem.value = null;
			return;
		}
		const opening = this.open();
		this.#isWanted = wasWanted;
		await opening;
	}

	async #ask(): Promise<MediaStreamTrack> {
		try {
			return await this.#take();
		} catch (error) {
			const name = error instanceof Error ? error.name : "";
			const before = this.#track.value;
			if (name === "OverconstrainedError" && this.#deviceID.value !== "") {
				// The remembered device is not plugged in: any other is better than none.
				this.#deviceID.value = "";
			} else if (name === "NotReadableError" && before !== null) {
				// Phones open one camera at a time: the old one has to go first.
				before.stop();
			} else {
				throw error;
			}
			return this.#take();
		}
	}

	async #take(): Promise<MediaStreamTrack> {
		if (!canCapture()) throw new DOMException("no secure context", "SecurityError");
		const media = await navigator.mediaDevices.getUserMedia({ [this.#kind.kind]: this.constraints });
		return trackOf(media, this.#kind.kind);
	}

	/** Unplugged, or taken away by the system: another device takes over, if there is one. */
	#lost(): void {
		this.#track.value = null;
		this.#isOn.value = false;
		if (this.#isWanted) void this.open();
	}
}

/** The first track of a kind; everything else is stopped. */
export function trackOf(media: MediaStream, kind: "audio" | "video"): MediaStreamTrack {
	const [wanted, ...others] = media
		.getTracks()
		.sort((a, b) => Number(b.kind === kind) - Number(a.kind === kind));
	for (const track of others) track.stop();
	if (wanted?.kind === kind) return wanted;
	wanted?.stop();
	throw new DOMException("no such track", "NotFoundError");
}
