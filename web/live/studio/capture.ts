import { signal } from "@preact/signals";
import { canCapture } from "../../devices/can-capture.ts";
import { type DeviceProblem, deviceProblem } from "../../devices/device-problem.ts";
import { mixSound, type SoundMix } from "./sound-mix.ts";

export type CaptureKind = "camera" | "screen";

/** 720p30 is what the ladder starts from. */
const VIDEO = { width: { ideal: 1280 }, height: { ideal: 720 }, frameRate: { ideal: 30, max: 30 } };

/** Camera, microphone and screen of this device, and what stands in their way. One at a time is taken. */
export class Capture {
	readonly kind = signal<CaptureKind>("camera");
	readonly media = signal<MediaStream | null>(null);
	readonly problem = signal<DeviceProblem | null>(null);
	readonly isAsking = signal(false);
	readonly cameras = signal<readonly MediaDeviceInfo[]>([]);
	readonly microphones = signal<readonly MediaDeviceInfo[]>([]);
	readonly cameraID = signal("");
	readonly microphoneID = signal("");
	readonly isMuted = signal(false);

	readonly #listening = new AbortController();
	/** Every track we opened, to close them all. */
	#opened: MediaStreamTrack[] = [];
	#mix: SoundMix | null = null;
	#turn = 0;

	/** Notices devices that come and go, and permissions that change, without a reload. */
	listen(): void {
		const { signal: until } = this.#listening;
		navigator.mediaDevices?.addEventListener("devicechange", () => void this.#onDevices(), { signal: until });
		for (const name of ["camera", "microphone"] as const) void this.#listenToPermission(name);
	}

	/** Takes the camera and the microphone that are chosen. */
	async openCamera(): Promise<void> {
		await this.#open("camera", async () => {
			const video = { ...VIDEO, ...exactly(this.cameraID.value) };
			const audio = { ...exactly(this.microphoneID.value) };
			const media = await navigator.mediaDevices.getUserMedia({ video, audio });
			for (const track of media.getVideoTracks()) track.contentHint = "motion";
			return [media];
		});
	}

	/** Takes the screen, a window or a tab, with its sound where there is one, and the microphone if it may be used. */
	async openScreen(): Promise<void> {
		await this.#open("screen", async () => {
			const screen = await navigator.mediaDevices.getDisplayMedia({
				video: { frameRate: { ideal: 30, max: 30 } },
				audio: true,
			});
			for (const track of screen.getVideoTracks()) {
				track.contentHint = "detail";
				track.addEventListener("ended", () => this.close());
			}
			const voice = await this.#microphone();
			return voice === null ? [screen] : [screen, voice];
		});
	}

	/** Opens again what was chosen, as after a change of device. */
	async reopen(): Promise<void> {
		await (this.kind.value === "camera" ? this.openCamera() : this.openScreen());
	}

	/** Silences or opens the sound that is sent. */
	setMuted(isMuted: boolean): void {
		this.isMuted.value = isMuted;
		for (const track of this.media.value?.getAudioTracks() ?? []) track.enabled = !isMuted;
	}

	/** Lets go of all devices; their lights go out. */
	close(): void {
		this.#turn += 1;
		this.#release();
		this.media.value = null;
		this.isAsking.value = false;
	}

	/** For good. */
	dispose(): void {
		this.close();
		this.#listening.abort();
	}

	async #open(kind: CaptureKind, ask: () => Promise<MediaStream[]>): Promise<void> {
		this.#turn += 1;
		const turn = this.#turn;
		this.isAsking.value = true;
		this.problem.value = null;
		try {
			const streams = await ask();
			if (turn !== this.#turn) {
				for (const stream of streams) stopAll(stream.getTracks());
				return;
			}
			this.#release();
			this.#opened = streams.flatMap((stream) => stream.getTracks());
			this.kind.value = kind;
			this.media.value = this.#combine(streams);
			this.setMuted(this.isMuted.value);
			await this.#listDevices();
		} catch (error) {
			if (turn !== this.#turn) return;
			const isCancelled = kind === "screen" && error instanceof Error && error.name === "NotAllowedError";
			if (!isCancelled) this.problem.value = deviceProblem(error, canCapture());
		} finally {
			if (turn === this.#turn) this.isAsking.value = false;
		}
	}

	/** One video track and at most one audio track. */
	#combine(streams: readonly MediaStream[]): MediaStream {
		const video = streams.flatMap((stream) => stream.getVideoTracks());
		const audio = streams.flatMap((stream) => stream.getAudioTracks());
		if (audio.length < 2) return new MediaStream([...video, ...audio]);
		this.#mix = mixSound(audio);
		return new MediaStream([...video, this.#mix.track]);
	}

	async #microphone(): Promise<MediaStream | null> {
		try {
			return await navigator.mediaDevices.getUserMedia({ audio: { ...exactly(this.microphoneID.value) } });
		} catch {
			// A screen without a voice is a stream too.
			return null;
		}
	}

	#release(): void {
		stopAll(this.#opened);
		this.#opened = [];
		this.#mix?.close();
		this.#mix = null;
	}

	async #listDevices(): Promise<void> {
		const devices = await navigator.mediaDevices.enumerateDevices();
		this.cameras.value = devices.filter((device) => device.kind === "videoinput" && device.deviceId !== "");
		this.microphones.value = devices.filter(
			(device) => device.kind === "audioinput" && device.deviceId !== "",
		);
	}

	async #onDevices(): Promise<void> {
		await this.#listDevices();
		const { kind } = this.problem.value ?? {};
		if (kind === "missing" || kind === "unfit") await this.openCamera();
	}

	async #listenToPermission(name: "camera" | "microphone"): Promise<void> {
		try {
			const status = await navigator.permissions.query({ name });
			const onChange = () => {
				const isMended = status.state !== "denied" && this.problem.value?.kind === "denied";
				if (isMended) void this.openCamera();
			};
			status.addEventListener("change", onChange, { signal: this.#listening.signal });
		} catch {
			// This browser does not tell of the permission; the button asks again.
		}
	}
}

function exactly(deviceId: string): MediaTrackConstraints {
	return deviceId === "" ? {} : { deviceId: { exact: deviceId } };
}

function stopAll(tracks: readonly MediaStreamTrack[]): void {
	for (const track of tracks) track.stop();
}
