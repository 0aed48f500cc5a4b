import type { JSX } from "preact";
import type { Video } from "../../protocol/vod.ts";
import { formatClock } from "../shell/time.ts";
import { loudnessWords } from "./video-words.ts";
import styles from "./vod-view.module.css";

/** What there is to know of a work that is only heard: its length, how loud it is, and what it can be had in. */
export function SoundFacts({ video }: { video: Video }): JSX.Element {
	const loudness = loudnessWords(video);
	const kilobits = video.renditions.map(({ bitrateBps }) => Math.round(bitrateBps / 1000));
	const [least, most] = [Math.min(...kilobits), Math.max(...kilobits)];
	return (
		<dl class={styles.soundFacts}>
			{video.durationMs === null ? null : (
				<div>
					<dt>Length</dt>
					<dd>{formatClock(video.durationMs)}</dd>
				</div>
			)}
			{loudness === null ? null : (
				<div>
					<dt>Loudness</dt>
					<dd>{loudness.value}</dd>
					<dd class={styles.soundAbout}>{loudness.about}</dd>
				</div>
			)}
			{kilobits.length === 0 ? null : (
				<div>
					<dt>Quality</dt>
					<dd>{least === most ? `${most} kbit/s` : `${least} to ${most} kbit/s`}</dd>
				</div>
			)}
		</dl>
	);
}
