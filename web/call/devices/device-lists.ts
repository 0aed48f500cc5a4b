import { type ReadonlySignal, signal } from "@preact/signals";

/** What is plugged in. Devices have names only after permission was given. */
export class DeviceLists {
	readonly microphones: ReadonlySignal<readonly MediaDeviceInfo[]>;
	readonly cameras: ReadonlySignal<readonly MediaDeviceInfo[]>;
	readonly speakers: ReadonlySignal<readonly MediaDeviceInfo[]>;

	readonly #microphones = signal<readonly MediaDeviceInfo[]>([]);
	readonly #cameras = signal<readonly MediaDeviceInfo[]>([]);
	readonly #speakers = signal<readonly MediaDeviceInfo[]>([]);

	constructor() {
		this.microphones = this.#microphones;
		this.cameras = this.#cameras;
		this.speakers = this.#speakers;
	}

	/** Reads the lists anew. */
	async refresh(): Promise<void> {
		if (navigator.mediaDevices === undefined) return;
		const all = (await navigator.mediaDevices.enumerateDevices()).filter((device) => device.deviceId !== "");
		this.#microphones.value = all.filter((device) => device.kind === "audioinput");
		this.#cameras.value = all.filter((device) => device.kind === "videoinput");
		this.#speakers.value = all.filter((device) => device.kind === "audiooutput");
	}
}

/** A name for a menu; before permission browsers keep it to themselves. */
export function deviceLabel(device: MediaDeviceInfo, index: number): string {
	if (device.label !== "") return device.label;
	const KINDS = { audioinput: "Microphone", videoinput: "Camera", audiooutput: "Speaker" };
	return `${KINDS[device.kind]} ${index + 1}`;
}
