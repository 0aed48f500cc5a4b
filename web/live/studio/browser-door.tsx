import type { JSX } from "preact";
import { useEffect, useRef } from "preact/hooks";
import controls from "../../shell/controls.module.css";
import { Icon } from "../../shell/icons.tsx";
import styles from "./browser.module.css";
import type { Capture } from "./capture.ts";
import { MicMeter } from "./mic-meter.tsx";
import type { StudioSession } from "./studio-session.ts";

/** Camera or screen of this device: preview, devices, level. */
export function BrowserDoor({ studio }: { studio: StudioSession }): JSX.Element {
	const { capture } = studio;
	return (
		<div class={styles.browser}>
			<div class={styles.preview}>
				{capture.media.value === null ? <NoPicture capture={capture} /> : <Preview capture={capture} />}
			</div>
			<DeviceBar capture={capture} />
		</div>
	);
}

/** What the camera or screen gives, before it leaves. Cameras are mirrored, as in a mirror; viewers see them right. */
export function Preview({ capture }: { capture: Capture }): JSX.Element {
	const video = useRef<HTMLVideoElement>(null);
	const media = capture.media.value;
	useEffect(() => {
		const element = video.current;
		if (element === null) return;
		element.srcObject = media;
		if (media === null) return;
		element.play().catch(() => {
			// The page was left before the first frame.
		});
	}, [media]);
	return (
		<video
			ref={video}
			class={styles.video}
			data-mirrored={capture.kind.value === "camera"}
			muted
			playsInline
			aria-label="Preview"
		/>
	);
}

function NoPicture({ capture }: { capture: Capture }): JSX.Element {
	const problem = capture.problem.value;
	if (capture.isAsking.value) {
		return (
			<div class={styles.noPicture} role="status">
				<span class={controls.spinner} aria-hidden="true" />
				<p>Your browser asks whether this site may use your camera and microphone.</p>
			</div>
		);
	}
	return (
		<div class={styles.noPicture}>
			{problem === null ? (
				<>
					<h2>What do you want to show?</h2>
					<p>Nothing is sent before you press Go live.</p>
				</>
			) : (
				<div role="alert" data-testid="device-problem" data-kind={problem.kind}>
					<h2>{problem.title}</h2>
					<p>{problem.fix}</p>
				</div>
			)}
			<div class={styles.choices}>
				<button type="button" class={controls.primary} onClick={() => void capture.openCamera()}>
					<Icon name="camera" />
					{problem === null ? "Use the camera" : "Try the camera again"}
				</button>
				<button type="button" class={controls.button} onClick={() => void capture.openScreen()}>
					<Icon name="screen" />
					Share the screen
				</button>
			</div>
		</div>
	);
}

/** Devices, level and mute, below the picture. Works before and while live. */
export function DeviceBar({
	capture,
	onChange,
}: {
	capture: Capture;
	onChange?: () => void;
}): JSX.Element | null {
	if (capture.media.value === null) return null;
	async function choose(kind: "camera" | "microphone", deviceID: string): Promise<void> {
		const target = kind === "camera" ? capture.cameraID : capture.microphoneID;
		target.value = deviceID;
		await capture.reopen();
		onChange?.();
	}
	async function switchTo(kind: "camera" | "screen"): Promise<void> {
		await (kind === "camera" ? capture.openCamera() : capture.openScreen());
		onChange?.();
	}
	const isCamera = capture.kind.value === "camera";
	return (
		<div class={styles.devices}>
			<button
				type="button"
				class={controls.button}
				aria-pressed={capture.isMuted.value}
				onClick={() => capture.setMuted(!capture.isMuted.value)}
			>
				<Icon name={capture.isMuted.value ? "micOff" : "mic"} size={18} />
				{capture.isMuted.value ? "Muted" : "Mute"}
			</button>
			<MicMeter media={capture.media.value} isMuted={capture.isMuted.value} />
			{isCamera ? (
				<DeviceMenu
					label="Camera"
					devices={capture.cameras.value}
					chosen={capture.cameraID.value}
					choose={(id) => void choose("camera", id)}
				/>
			) : null}
			<DeviceMenu
				label="Microphone"
				devices={capture.microphones.value}
				chosen={capture.microphoneID.value}
				choose={(id) => void choose("microphone", id)}
			/>
			<button
				type="button"
				class={controls.button}
				onClick={() => void switchTo(isCamera ? "screen" : "camera")}
			>
				<Icon name={isCamera ? "screen" : "camera"} size={18} />
				{isCamera ? "Share the screen" : "Use the camera"}
			</button>
		</div>
	);
}

function DeviceMenu({
	label,
	devices,
	chosen,
	choose,
}: {
	label: string;
	devices: readonly MediaDeviceInfo[];
	chosen: string;
	choose: (deviceID: string) => void;
}): JSX.Element | null {
	if (devices.length < 2) return null;
	return (
		<label class={styles.device}>
			<span class="visually-hidden">{label}</span>
			<select
				class={controls.input}
				value={chosen === "" ? devices[0]?.deviceId : chosen}
				onChange={(event) => choose(event.currentTarget.value)}
			>
				{devices.map((device, index) => (
					<option key={device.deviceId} value={device.deviceId}>
						{device.label === "" ? `${label} ${index + 1}` : device.label}
					</option>
				))}
			</select>
		</label>
	);
}
