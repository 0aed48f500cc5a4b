import { computed, effect, type ReadonlySignal, signal } from "@preact/signals";
import type { Capabilities } from "../../../protocol/call.ts";
import { canCapture } from "../../devices/can-capture.ts";
import type { DeviceProblem } from "../../devices/device-problem.ts";
import { measureSound } from "../../devices/sound-meter.ts";
import { recall, remember } from "../../shell/settings.ts";
import { describeCapabilities } from "./capabilities.ts";
import { captureSize, VIDEO_HEIGHTS, type VideoHeight } from "./capture-size.ts";
import { DeviceLists } from "./device-lists.ts";
import { InputDevice, trackOf } from "./input-device.ts";
import { codecLists, machineFacts } from "./machine-facts.ts";
import { ScreenShare } from "./screen-share.ts";

const KEYS = {
	mic: "rostrum.call.mic",
	cam: "rostrum.call.cam",
	speaker: "rostrum.call.speaker",
	height: "rostrum.call.height",
	noise: "rostrum.call.noise-suppression",
} as const;

const WISH_KEY = "rostrum.call.wish";

/** Sound and picture of this person: microphone, camera, screen, and the loudspeaker for the others. It lives from lobby to end. */
export class LocalMedia {
	readonly mic: ReadonlySignal<MediaStreamTrack | null>;
	readonly cam: ReadonlySignal<MediaStreamTrack | null>;
	readonly screen: ReadonlySignal<MediaStreamTrack | null>;
	readonly screenAudio: ReadonlySignal<MediaStreamTrack | null>;
	readonly isMicOn: ReadonlySignal<boolean>;
	readonly isCamOn: ReadonlySignal<boolean>;
	/** How loud the microphone is, 0..1; 0 while muted. */
	readonly level: ReadonlySignal<number>;
	/** The same, also while muted: for the meter of the lobby and for "you are muted". */
	readonly voiceLevel: ReadonlySignal<number>;
	readonly micProblem: ReadonlySignal<DeviceProblem | null>;
	readonly camProblem: ReadonlySignal<DeviceProblem | null>;
	readonly isAsking: ReadonlySignal<boolean>;
	readonly speakerID: ReadonlySignal<string | null>;
	/** The person's choice; the picture is captured no larger. */
	readonly height: ReadonlySignal<VideoHeight>;
	/** `none`: this camera or browser has no blur of its own. */
	readonly blur: ReadonlySignal<"none" | "off" | "on">;
	readonly hasNoiseSuppression: ReadonlySignal<boolean>;
	readonly devices = new DeviceLists();
	readonly microphone: InputDevice;
	readonly camera: InputDevice;
	readonly share = new ScreenShare();

	readonly #voiceLevel = signal(0);
	readonly #speakerID = signal(recall(KEYS.speaker) ?? "");
	readonly #height = signal<VideoHeight>(chosenHeight());
	readonly #blur = signal<"none" | "off" | "on">("none");
	readonly #hasNoiseSuppression = signal(recall(KEYS.noise) !== "off");
	readonly #until = new AbortController();
	readonly #stops: (() => void)[] = [];

	constructor() {
		this.microphone = new InputDevice({
			name: "microphone",
			kind: "audio",
			storageKey: KEYS.mic,
			constraints: () => ({
				echoCancellation: true,
				autoGainControl: true,
				noiseSuppression: this.#hasNoiseSuppression.value,
			}),
			whenOff: "silence",
		});
		this.camera = new InputDevice({
			name: "camera",
			kind: "video",
			storageKey: KEYS.cam,
			constraints: () => this.#cameraConstraints(),
			whenOff: "stop",
		});
		this.mic = this.microphone.track;
		this.cam = this.camera.track;
		this.screen = this.share.track;
		this.screenAudio = this.share.audio;
		this.isMicOn = this.microphone.isOn;
		this.isCamOn = this.camera.isOn;
		this.micProblem = this.microphone.problem;
		this.camProblem = this.camera.problem;
		this.isAsking = computed(() => this.microphone.isAsking.value || this.camera.isAsking.value);
		this.voiceLevel = this.#voiceLevel;
		this.level = computed(() => (this.isMicOn.value ? this.#voiceLevel.value : 0));
		this.speakerID = this.#speakerID;
		this.height = this.#height;
		this.blur = this.#blur;
		this.hasNoiseSuppression = this.#hasNoiseSuppression;
		this.#stops.push(
			effect(() => this.#meter(this.mic.value)),
			effect(() => this.#readBlur(this.cam.value)),
		);
		this.#listen();
	}

	/** Opens what the person allowed on an earlier visit and had on when they last chose; asks nothing. */
	async openAllowed(): Promise<void> {
		const [mic, cam] = await Promise.all([mayOpen("microphone"), mayOpen("camera")]);
		if (mic && cam) return this.openBoth();
		if (mic) await this.microphone.open();
		if (cam) await this.camera.open();
		await this.devices.refresh();
	}

	/** The person's own choice in the lobby: the next visit begins with it. */
	async wish(device: "microphone" | "camera", isOn: boolean): Promise<void> {
		remember(`${WISH_KEY}.${device}`, isOn ? "on" : "off");
		await (device === "microphone" ? this.setMic(isOn) : this.setCam(isOn));
	}

	/** Asks for both with one question; if that fails, each by itself, so that one may work and the other says why not. */
	async openBoth(): Promise<void> {
		this.microphone.expect();
		this.camera.expect();
		try {
			if (!canCapture()) throw new DOMException("no secure context", "SecurityError");
			const media = await navigator.mediaDevices.getUserMedia({
				audio: this.microphone.constraints,
				video: this.camera.constraints,
			});
			this.microphone.adopt(trackOf(new MediaStream(media.getAudioTracks()), "audio"));
			this.camera.adopt(trackOf(new MediaStream(media.getVideoTracks()), "video"));
		} catch (error) {
			await this.#openApart(error);
		}
		await this.devices.refresh();
	}

	async setMic(isOn: boolean): Promise<void> {
		await this.microphone.setOn(isOn);
		if (isOn) await this.devices.refresh();
	}

	async setCam(isOn: boolean): Promise<void> {
		await this.camera.setOn(isOn);
		if (isOn) await this.devices.refresh();
	}

	async startScreen(): Promise<void> {
		await this.share.start();
	}

	stopScreen(): void {
		this.share.stop();
	}

	chooseSpeaker(deviceID: string): void {
		this.#speakerID.value = deviceID;
		remember(KEYS.speaker, deviceID);
	}

	async chooseHeight(height: VideoHeight): Promise<void> {
		this.#height.value = height;
		remember(KEYS.height, height);
		await this.camera.renew();
	}

	async setNoiseSuppression(isOn: boolean): Promise<void> {
		this.#hasNoiseSuppression.value = isOn;
		remember(KEYS.noise, isOn ? "on" : "off");
		await this.microphone.renew();
	}

	/** Blurs what is behind the person, where the platform does it: https://w3c.github.io/mediacapture-extensions/#exposing-mediastreamtrack-source-background-blur-support */
	async setBlur(isOn: boolean): Promise<void> {
		const track = this.cam.value;
		if (track === null || this.#blur.value === "none") return;
		const wish: MediaTrackConstraints & { backgroundBlur: boolean } = { backgroundBlur: isOn };
		await track.applyConstraints({ ...track.getConstraints(), ...wish });
		this.#readBlur(track);
	}

	/** What this device can take part with at present. */
	async capabilities(): Promise<Capabilities> {
		const facts = machineFacts();
		return describeCapabilities(codecLists(), captureSize(this.#height.value, facts), facts);
	}

	/** Lets go of every device; their lights go out. For good. */
	stop(): void {
		this.#until.abort();
		this.microphone.close();
		this.camera.close();
		this.share.stop();
		for (const stop of this.#stops) stop();
	}

	#cameraConstraints(): MediaTrackConstraints {
		const size = captureSize(this.#height.value, machineFacts());
		return {
			width: { ideal: size.width },
			height: { ideal: size.height },
			frameRate: { ideal: size.frameRate, max: size.frameRate },
			// Phones have two cameras; a device chosen in the menu counts more.
			...(this.camera.deviceID.value === "" ? { facingMode: "user" } : {}),
		};
	}

	async #openApart(error: unknown): Promise<void> {
		const isRefusal = error instanceof Error && error.name === "NotAllowedError";
		const [mic, cam] = await Promise.all([permissionOf("microphone"), permissionOf("camera")]);
		// After a refusal asking again would be rude, except for the device that was allowed before.
		const mayAsk = (state: PermissionState | null) => !isRefusal || state === "granted";
		if (mayAsk(mic)) await this.microphone.open();
		else this.microphone.fail(error);
		if (mayAsk(cam)) await this.camera.open();
		else this.camera.fail(error);
	}

	/** The track itself is silent while muted; a clone of it is not. */
	#meter(track: MediaStreamTrack | null): (() => void) | undefined {
		this.#voiceLevel.value = 0;
		if (track === null) return undefined;
		const ear = track.clone();
		ear.enabled = true;
		const stop = measureSound(new MediaStream([ear]), (level) => {
			this.#voiceLevel.value = level;
		});
		return () => {
			stop();
			ear.stop();
		};
	}

	#readBlur(track: MediaStreamTrack | null): void {
		if (track === null) return;
		const able: unknown = Reflect.get(track.getCapabilities?.() ?? {}, "backgroundBlur");
		const isChoice = Array.isArray(able) && able.includes(true) && able.includes(false);
		const isOn: unknown = Reflect.get(track.getSettings(), "backgroundBlur");
		if (isChoice) this.#blur.value = isOn === true ? "on" : "off";
		else this.#blur.value = "none";
	}

	#listen(): void {
		const { signal: until } = this.#until;
		navigator.mediaDevices?.addEventListener("devicechange", () => void this.#onDevices(), { signal: until });
		for (const name of ["microphone", "camera"] as const) void this.#onPermission(name, until);
		void this.devices.refresh();
	}

	async #onDevices(): Promise<void> {
		await this.devices.refresh();
		await this.microphone.heal(["missing", "unfit", "other"]);
		await this.camera.heal(["missing", "unfit", "other"]);
	}

	async #onPermission(name: "microphone" | "camera", until: AbortSignal): Promise<void> {
		try {
			const status = await navigator.permissions.query({ name });
			const onChange = () => {
				if (status.state === "granted") void this[name].heal(["denied", "dismissed", "system"]);
			};
			status.addEventListener("change", onChange, { signal: until });
		} catch {
			// This browser does not tell of the permission; the button asks again.
		}
	}
}

function chosenHeight(): VideoHeight {
	const kept = recall(KEYS.height);
	return VIDEO_HEIGHTS.find((height) => height === kept) ?? "auto";
}

async function mayOpen(device: "microphone" | "camera"): Promise<boolean> {
	return (await permissionOf(device)) === "granted" && recall(`${WISH_KEY}.${device}`) !== "off";
}

async function permissionOf(name: "microphone" | "camera"): Promise<PermissionState | null> {
	try {
		return (await navigator.permissions.query({ name })).state;
	} catch {
		// Unknown to this browser.
		return null;
	}
}
