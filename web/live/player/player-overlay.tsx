import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import { Icon } from "../../shell/icons.tsx";
import { formatDelay } from "../../shell/time.ts";
import { captionStyle } from "./caption-style.ts";
import type { RostrumPlayer } from "./player-element.tsx";
import styles from "./player-overlay.module.css";
import { StatsPanel } from "./stats-panel.tsx";

/** A notice stays this long, ms. */
const NOTICE_MS = 7000;

/** What lies over the picture. */
export function PlayerOverlay({ player }: { player: RostrumPlayer }): JSX.Element {
	const { state, isMutedByBrowser, isStatsOpen } = player.model;
	const isBusy = state.value === "loading" || state.value === "buffering" || state.value === "waiting";
	return (
		<>
			<div class={styles.top}>
				<BehindBanner player={player} />
				<Notice player={player} />
			</div>
			<Captions player={player} />
			{isBusy ? <div class={styles.busy} role="status" aria-label="Loading" /> : null}
			{state.value === "blocked" ? (
				<button type="button" class={styles.start} aria-label="Play" onClick={() => player.play()}>
					<Icon name="play" size={40} />
				</button>
			) : null}
			{isMutedByBrowser.value ? (
				<button type="button" class={styles.unmute} onClick={() => player.unmute()}>
					<Icon name="micOff" size={18} />
					Tap to unmute
				</button>
			) : null}
			{isStatsOpen.value ? <StatsPanel player={player} /> : null}
		</>
	);
}

function Captions({ player }: { player: RostrumPlayer }): JSX.Element | null {
	const lines = player.model.cues.value;
	if (lines.length === 0) return null;
	const { size, colour, background } = captionStyle.value;
	return (
		<div
			class={styles.captions}
			data-size={size}
			data-colour={colour}
			data-background={background}
			lang={player.model.caption.value ?? undefined}
			dir="auto"
			data-testid="captions"
		>
			{lines.map((line, index) => (
				<p key={index}>
					<span>{line}</span>
				</p>
			))}
		</div>
	);
}

function BehindBanner({ player }: { player: RostrumPlayer }): JSX.Element | null {
	const { isBehind, sample, state } = player.model;
	const hasPicture = ["playing", "paused", "buffering"].includes(state.value);
	if (!isBehind.value || !hasPicture) return null;
	return (
		<button type="button" class={styles.banner} onClick={() => player.goLive()}>
			<span class="numerals">{formatDelay(sample.value.latencyMs ?? sample.value.behindMs)} behind</span>
			<strong>Jump to live</strong>
		</button>
	);
}

function Notice({ player }: { player: RostrumPlayer }): JSX.Element {
	const notice = player.model.notice.value;
	const [seen, setSeen] = useState(0);
	useEffect(() => {
		if (notice === null) return;
		const timer = setTimeout(() => setSeen(notice.id), NOTICE_MS);
		return () => clearTimeout(timer);
	}, [notice]);
	const isShown = notice !== null && notice.id > seen;
	return <div role="status">{isShown ? <p class={styles.notice}>{notice.text}</p> : null}</div>;
}
