import type { JSX } from "preact";
import { Icon } from "../../shell/icons.tsx";
import { useNow } from "../../shell/resource.ts";
import { formatDelay } from "../../shell/time.ts";
import type { RostrumPlayer } from "./player-element.tsx";
import styles from "./player-overlay.module.css";
import type { PlayerStats } from "./source.ts";

/** "Stats for nerds". */
export function StatsPanel({ player }: { player: RostrumPlayer }): JSX.Element | null {
	useNow(500);
	const stats = player.stats();
	if (stats === null) return null;
	return (
		<section class={styles.stats} aria-label="Stats for nerds">
			<button
				type="button"
				class={styles.statsClose}
				aria-label="Close the figures"
				onClick={() => {
					player.model.isStatsOpen.value = false;
				}}
			>
				<Icon name="close" size={16} />
			</button>
			<dl>
				{statRows(stats).map(([label, value]) => (
					<div key={label}>
						<dt>{label}</dt>
						<dd>{value}</dd>
					</div>
				))}
			</dl>
		</section>
	);
}

/** What the panel lists, in words. Unknown figures are a dash, never a zero. */
export function statRows(stats: PlayerStats): [string, string][] {
	const codecs = [stats.videoCodec, stats.audioCodec].filter((codec) => codec !== null).join(" / ");
	const size = stats.width === 0 ? "–" : `${stats.width}×${stats.height}`;
	return [
		["Stream", stats.streamID ?? "–"],
		["Protocol", stats.protocol === "" ? "–" : stats.protocol],
		["Mode · state", `${stats.mode} · ${stats.state}`],
		["Delay", stats.latencyMs === null ? "–" : formatDelay(stats.latencyMs)],
		["Codecs", codecs === "" ? "–" : codecs],
		["Picture", `${size}${stats.framesPerSecond === null ? "" : ` @ ${Math.round(stats.framesPerSecond)}`}`],
		["Bitrate", stats.bitrateBps === null ? "–" : `${Math.round(stats.bitrateBps / 1000)} kbit/s`],
		["Buffer", `${(stats.bufferMs / 1000).toFixed(1)} s`],
		["Frames", `${stats.decodedFrames} decoded, ${stats.droppedFrames} dropped`],
		["Stalls", String(stats.stalls)],
		["Start", stats.startupMs === null ? "–" : formatDelay(stats.startupMs)],
		["Round trip", stats.roundTripMs === null ? "–" : `${Math.round(stats.roundTripMs)} ms`],
		...evenness(stats.gain),
		["Loss", stats.lossPercent === null ? "–" : `${stats.lossPercent.toFixed(1)} %`],
	];
}

/** Only where the sound is played softer than it is. */
function evenness(gain: number): [string, string][] {
	return gain < 1 ? [["Loudness", `${(20 * Math.log10(gain)).toFixed(1)} dB`]] : [];
}
