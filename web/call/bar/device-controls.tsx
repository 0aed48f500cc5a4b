import type { JSX } from "preact";
import { Icon } from "../../shell/icons.tsx";
import { MenuButton, type MenuItem } from "../../shell/menu.tsx";
import { deviceLabel } from "../devices/device-lists.ts";
import type { InputDevice } from "../devices/input-device.ts";
import type { LocalMedia } from "../devices/local-media.ts";
import { canChooseSpeaker } from "../devices/speaker-test.ts";
import styles from "./bar.module.css";
import { BarButton } from "./bar-button.tsx";

/** Mute, and beside it which microphone and which loudspeaker. */
export function MicControl({ media }: { media: LocalMedia }): JSX.Element {
	const isOn = media.isMicOn.value;
	return (
		<div class={styles.split}>
			<BarButton
				icon={isOn ? "mic" : "micOff"}
				label={isOn ? "Mute" : "Unmute"}
				caption={isOn ? "Mute" : "Unmute"}
				shortcut="Ctrl+D or M"
				tone={isOn ? "plain" : "off"}
				isBusy={media.microphone.isAsking.value}
				run={() => void media.setMic(!isOn)}
			/>
			<MenuButton
				label="Choose microphone and speaker"
				class={styles.chevron}
				items={soundItems(media)}
				side="up"
				align="start"
			>
				<Icon name="chevronUp" size={16} />
			</MenuButton>
		</div>
	);
}

/** The camera on and off, and beside it which one. */
export function CamControl({ media, isAudioOnly }: { media: LocalMedia; isAudioOnly: boolean }): JSX.Element {
	const isOn = media.isCamOn.value;
	return (
		<div class={styles.split}>
			<BarButton
				icon={isOn ? "camera" : "cameraOff"}
				label={isOn ? "Turn the camera off" : "Turn the camera on"}
				caption="Camera"
				shortcut="Ctrl+E or V"
				tone={isOn ? "plain" : "off"}
				isBusy={media.camera.isAsking.value}
				isDisabled={isAudioOnly}
				run={() => void media.setCam(!isOn)}
			/>
			<MenuButton
				label="Choose the camera"
				class={styles.chevron}
				items={cameraItems(media)}
				side="up"
				align="start"
			>
				<Icon name="chevronUp" size={16} />
			</MenuButton>
		</div>
	);
}

function soundItems(media: LocalMedia): MenuItem[] {
	const speakers = canChooseSpeaker() ? media.devices.speakers.value : [];
	return [
		...inputItems(media.devices.microphones.value, media.microphone, "Microphone"),
		...speakers.map(
			(device, index): MenuItem => ({
				label: deviceLabel(device, index),
				group: "Speaker",
				choice: { kind: "radio", isOn: isChosen(device, index, media.speakerID.value ?? "") },
				run: () => media.chooseSpeaker(device.deviceId),
			}),
		),
		{
			label: "Suppress background noise",
			group: "Sound",
			choice: { kind: "check", isOn: media.hasNoiseSuppression.value },
			run: () => void media.setNoiseSuppression(!media.hasNoiseSuppression.value),
		},
	];
}

function cameraItems(media: LocalMedia): MenuItem[] {
	const blur: MenuItem[] =
		media.blur.value === "none"
			? []
			: [
					{
						label: "Blur my background",
						group: "Picture",
						choice: { kind: "check", isOn: media.blur.value === "on" },
						run: () => void media.setBlur(media.blur.value !== "on"),
					},
				];
	return [...inputItems(media.devices.cameras.value, media.camera, "Camera"), ...blur];
}

function inputItems(devices: readonly MediaDeviceInfo[], input: InputDevice, group: string): MenuItem[] {
	if (devices.length === 0) {
		return [{ label: "None found yet", group, isDisabled: true, run: () => undefined }];
	}
	return devices.map((device, index) => ({
		label: deviceLabel(device, index),
		group,
		choice: { kind: "radio", isOn: isChosen(device, index, input.deviceID.value) },
		run: () => void input.choose(device.deviceId),
	}));
}

/** Without a choice the system's own device, which browsers list first, is in use. */
function isChosen(device: MediaDeviceInfo, index: number, chosen: string): boolean {
	return chosen === "" ? index === 0 : device.deviceId === chosen;
}
