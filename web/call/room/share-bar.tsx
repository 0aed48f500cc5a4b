import type { JSX } from "preact";
import controls from "../../shell/controls.module.css";
import { Icon } from "../../shell/icons.tsx";
import styles from "./room.module.css";
import type { RoomModel } from "./room-model.ts";

/** One is showing one's screen: never forgotten, and stopped by one press. */
export function ShareBar({ room }: { room: RoomModel }): JSX.Element | null {
	const { media } = room;
	if (media.screen.value === null) return null;
	const isAudioOn = media.share.isAudioOn.value;
	return (
		<section class={styles.share} aria-label="Screen sharing" data-testid="share-bar">
			<Icon name="screen" />
			<p>Everybody sees your screen.</p>
			{media.screenAudio.value === null ? null : (
				<button
					type="button"
					class={controls.quiet}
					aria-pressed={isAudioOn}
					onClick={() => media.share.setAudio(!isAudioOn)}
				>
					<Icon name={isAudioOn ? "sound" : "soundOff"} size={18} />
					{isAudioOn ? "Its sound is on" : "Its sound is off"}
				</button>
			)}
			<button type="button" class={controls.primary} onClick={() => media.stopScreen()}>
				Stop sharing
			</button>
		</section>
	);
}
