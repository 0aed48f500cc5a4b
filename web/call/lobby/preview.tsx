import type { JSX } from "preact";
import controls from "../../shell/controls.module.css";
import { Icon } from "../../shell/icons.tsx";
import { Avatar } from "../avatar.tsx";
import type { LocalMedia } from "../devices/local-media.ts";
import { SeamlessVideo } from "../seamless-video.tsx";
import { DeviceProblems } from "./device-problems.tsx";
import styles from "./preview.module.css";

/** How one will be seen and heard, before anybody does. Works without any device. */
export function Preview({
	media,
	userID,
	name,
}: {
	media: LocalMedia;
	userID: string;
	name: string;
}): JSX.Element {
	const isCamOn = media.isCamOn.value;
	return (
		<section class={styles.preview} aria-label="Preview" data-cam={isCamOn}>
			{isCamOn ? null : <NoPicture media={media} userID={userID} name={name} />}
			<SeamlessVideo track={media.cam.value} fit="cover" isMirrored label="Your camera, mirrored" />
			{isCamOn ? <p class={styles.name}>{name === "" ? "You" : name}</p> : null}
			<div class={styles.toggles}>
				<Toggle
					icon={media.isMicOn.value ? "mic" : "micOff"}
					label={media.isMicOn.value ? "Mute the microphone" : "Unmute the microphone"}
					hint="Ctrl+D or M"
					isOn={media.isMicOn.value}
					isBusy={media.microphone.isAsking.value}
					toggle={() => void media.wish("microphone", !media.isMicOn.value)}
				/>
				<Toggle
					icon={isCamOn ? "camera" : "cameraOff"}
					label={isCamOn ? "Turn the camera off" : "Turn the camera on"}
					hint="Ctrl+E or V"
					isOn={isCamOn}
					isBusy={media.camera.isAsking.value}
					toggle={() => void media.wish("camera", !isCamOn)}
				/>
			</div>
		</section>
	);
}

function NoPicture({
	media,
	userID,
	name,
}: {
	media: LocalMedia;
	userID: string;
	name: string;
}): JSX.Element {
	const hasProblem = media.micProblem.value !== null || media.camProblem.value !== null;
	if (media.isAsking.value) {
		return (
			<div class={styles.words} role="status">
				<span class={controls.spinner} aria-hidden="true" />
				<p>Your browser asks whether this site may use your camera and microphone. Choose Allow.</p>
			</div>
		);
	}
	if (hasProblem) return <DeviceProblems media={media} />;
	if (media.mic.value !== null) {
		return (
			<div class={styles.words}>
				<Avatar userID={userID} name={name === "" ? "?" : name} size={96} />
				<p>Your camera is off</p>
			</div>
		);
	}
	return (
		<div class={styles.words}>
			<h2>Do you want to be seen and heard?</h2>
			<p>Your browser will ask you first. Nothing is sent before you join, and you can join without.</p>
			<button type="button" class={controls.button} onClick={() => void media.openBoth()}>
				<Icon name="camera" />
				Use camera and microphone
			</button>
		</div>
	);
}

function Toggle({
	icon,
	label,
	hint,
	isOn,
	isBusy,
	toggle,
}: {
	icon: "mic" | "micOff" | "camera" | "cameraOff";
	label: string;
	hint: string;
	isOn: boolean;
	isBusy: boolean;
	toggle: () => void;
}): JSX.Element {
	return (
		<button
			type="button"
			class={styles.toggle}
			data-on={isOn}
			aria-label={label}
			title={`${label} (${hint})`}
			disabled={isBusy}
			onClick={toggle}
		>
			{isBusy ? <span class={controls.spinner} aria-hidden="true" /> : <Icon name={icon} size={22} />}
		</button>
	);
}
