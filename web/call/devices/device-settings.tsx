import type { JSX } from "preact";
import { useState } from "preact/hooks";
import controls from "../../shell/controls.module.css";
import { Icon } from "../../shell/icons.tsx";
import { notify } from "../../shell/toasts.tsx";
import { VIDEO_HEIGHTS, type VideoHeight } from "./capture-size.ts";
import { DeviceSelect, IconSelect } from "./device-select.tsx";
import styles from "./devices.module.css";
import { LevelMeter } from "./level-meter.tsx";
import type { LocalMedia } from "./local-media.ts";
import { canChooseSpeaker, playTestSound } from "./speaker-test.ts";

/** Every choice about devices: in the lobby, and during the call in a dialog. */
export function DeviceSettings({ media }: { media: LocalMedia }): JSX.Element {
	return (
		<div class={styles.settings}>
			<div class={styles.line}>
				<DeviceSelect
					label="Microphone"
					icon="mic"
					devices={media.devices.microphones.value}
					chosen={media.microphone.deviceID.value}
					track={media.mic.value}
					choose={(id) => void media.microphone.choose(id)}
				/>
				<LevelMeter level={media.voiceLevel} isMuted={!media.isMicOn.value} label="Microphone level" />
			</div>
			<div class={styles.line}>
				<SpeakerChoice media={media} />
			</div>
			<div class={styles.line}>
				<DeviceSelect
					label="Camera"
					icon="camera"
					devices={media.devices.cameras.value}
					chosen={media.camera.deviceID.value}
					track={media.cam.value}
					choose={(id) => void media.camera.choose(id)}
				/>
				<HeightChoice media={media} />
			</div>
			<Switches media={media} />
		</div>
	);
}

function SpeakerChoice({ media }: { media: LocalMedia }): JSX.Element {
	const [isPlaying, setPlaying] = useState(false);
	async function test(): Promise<void> {
		setPlaying(true);
		try {
			await playTestSound(media.speakerID.value ?? "");
		} catch (error) {
			notify(`The test sound did not play: ${error instanceof Error ? error.message : error}`, "bad");
		} finally {
			setPlaying(false);
		}
	}
	return (
		<>
			{canChooseSpeaker() ? (
				<DeviceSelect
					label="Speaker"
					icon="sound"
					devices={media.devices.speakers.value}
					chosen={media.speakerID.value ?? ""}
					choose={(id) => media.chooseSpeaker(id)}
				/>
			) : null}
			<button
				type="button"
				class={`${controls.button} ${styles.test}`}
				disabled={isPlaying}
				onClick={() => void test()}
			>
				<Icon name={isPlaying ? "wave" : "play"} size={18} />
				{isPlaying ? "Playing…" : "Test sound"}
			</button>
		</>
	);
}

const HEIGHT_LABELS: Record<VideoHeight, string> = {
	auto: "Video: Auto",
	"1080": "Video: 1080p",
	"720": "Video: 720p",
	"360": "Video: 360p",
	"180": "Video: 180p, least data",
};

function HeightChoice({ media }: { media: LocalMedia }): JSX.Element {
	return (
		<IconSelect
			label="Video quality"
			icon="sliders"
			value={media.height.value}
			choose={(value) => {
				const height = VIDEO_HEIGHTS.find((each) => each === value);
				if (height !== undefined) void media.chooseHeight(height);
			}}
		>
			{VIDEO_HEIGHTS.map((height) => (
				<option key={height} value={height}>
					{HEIGHT_LABELS[height]}
				</option>
			))}
		</IconSelect>
	);
}

/** Blur is offered only where camera or platform do it themselves: that costs no battery here and hides reliably. */
function Switches({ media }: { media: LocalMedia }): JSX.Element {
	return (
		<div class={styles.switches}>
			{media.blur.value === "none" ? null : (
				<label class={styles.switch}>
					<input
						type="checkbox"
						checked={media.blur.value === "on"}
						onChange={(event) => void media.setBlur(event.currentTarget.checked)}
					/>
					Blur my background
				</label>
			)}
			<label class={styles.switch}>
				<input
					type="checkbox"
					checked={media.hasNoiseSuppression.value}
					onChange={(event) => void media.setNoiseSuppression(event.currentTarget.checked)}
				/>
				Suppress background noise
			</label>
		</div>
	);
}
