import type { JSX } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import type { LatencyMode } from "../../../protocol/live.ts";
import { formatDelay } from "../../shell/time.ts";
import { canRealtime } from "./create-engine.ts";
import type { RostrumPlayer } from "./player-element.tsx";
import styles from "./player-overlay.module.css";
import { type SettingsPage, SettingsSubPage, SubPageItems } from "./settings-pages.tsx";

const MODES: readonly { mode: LatencyMode; label: string; about: string }[] = [
	{ mode: "realtime", label: "Realtime", about: "WebRTC, under a second" },
	{ mode: "low", label: "Low latency", about: "LL-HLS, about 2 s" },
	{ mode: "normal", label: "Stable", about: "HLS, about 8 s" },
];

/** Delay of a stream, speed and captions of a recording, quality, and the switch for the figures. */
export function SettingsMenu({ player, close }: { player: RostrumPlayer; close: () => void }): JSX.Element {
	const root = useRef<HTMLDivElement>(null);
	const [page, setPage] = useState<SettingsPage>("main");
	useEffect(() => {
		const checked = root.current?.querySelector<HTMLElement>("[aria-checked='true']");
		(checked ?? menuItems(root.current)[0])?.focus();
	}, [page]);
	return (
		<div
			ref={root}
			class={styles.menu}
			role="menu"
			tabIndex={-1}
			aria-label="Player settings"
			onKeyDown={(event) => {
				if (!steer(event.key, menuItems(root.current), close)) return;
				event.preventDefault();
				event.stopPropagation();
			}}
		>
			{page === "main" ? (
				<MainPage player={player} close={close} open={setPage} />
			) : (
				<SettingsSubPage player={player} page={page} open={setPage} />
			)}
		</div>
	);
}

function MainPage({
	player,
	close,
	open,
}: {
	player: RostrumPlayer;
	close: () => void;
	open: (page: SettingsPage) => void;
}): JSX.Element {
	const { isLive } = player.model;
	return (
		<>
			{isLive.value ? (
				<ModeGroup player={player} close={close} />
			) : (
				<SubPageItems player={player} open={open} />
			)}
			<QualityGroup player={player} close={close} />
			<button
				type="button"
				role="menuitemcheckbox"
				aria-checked={player.model.isStatsOpen.value}
				tabIndex={-1}
				class={styles.item}
				onClick={() => {
					player.model.isStatsOpen.value = !player.model.isStatsOpen.value;
					close();
				}}
			>
				Stats for nerds
			</button>
		</>
	);
}

function ModeGroup({ player, close }: { player: RostrumPlayer; close: () => void }): JSX.Element {
	const { mode, sample, source } = player.model;
	const hasRealtime = canRealtime() && source.value?.whepURL !== null;
	const { latencyMs } = sample.value;
	return (
		<fieldset aria-label="Delay" class={styles.group}>
			<p class={styles.groupTitle} aria-hidden="true">
				Delay
			</p>
			{MODES.filter((each) => each.mode !== "realtime" || hasRealtime).map((each) => (
				<button
					key={each.mode}
					type="button"
					role="menuitemradio"
					aria-checked={each.mode === mode.value}
					tabIndex={-1}
					class={styles.item}
					onClick={() => {
						player.setMode(each.mode);
						close();
					}}
				>
					<span>{each.label}</span>
					<small>
						{each.mode === mode.value && latencyMs !== null ? `now ${formatDelay(latencyMs)}` : each.about}
					</small>
				</button>
			))}
		</fieldset>
	);
}

function QualityGroup({ player, close }: { player: RostrumPlayer; close: () => void }): JSX.Element {
	const { qualities, quality, height } = player.model;
	const actual = height.value > 0 ? `${height.value}p` : "";
	const choices = [...qualities.value].sort((a, b) => b.height - a.height || b.bitrateBps - a.bitrateBps);
	const auto = { index: -1, label: "Auto", about: quality.value === -1 ? actual : "" };
	const listed = choices.map((each) => ({
		index: each.index,
		label: each.height > 0 ? `${each.height}p` : `${Math.round(each.bitrateBps / 1000)} kbit/s`,
		about: each.height > 0 ? `${(each.bitrateBps / 1e6).toFixed(1)} Mbit/s` : "sound",
	}));
	return (
		<fieldset aria-label="Quality" class={styles.group}>
			<p class={styles.groupTitle} aria-hidden="true">
				Quality
			</p>
			{[auto, ...listed].map((each) => (
				<button
					key={each.index}
					type="button"
					role="menuitemradio"
					aria-checked={each.index === quality.value}
					tabIndex={-1}
					class={styles.item}
					onClick={() => {
						player.setQuality(each.index);
						close();
					}}
				>
					<span>{each.label}</span>
					<small>{each.about}</small>
				</button>
			))}
		</fieldset>
	);
}

function menuItems(root: HTMLElement | null): HTMLElement[] {
	return [...(root?.querySelectorAll<HTMLElement>("[role^='menuitem']") ?? [])];
}

/** True if the key was the menu's. */
function steer(key: string, items: readonly HTMLElement[], close: () => void): boolean {
	const at = document.activeElement instanceof HTMLElement ? items.indexOf(document.activeElement) : -1;
	const moves: Record<string, number> = {
		ArrowDown: (at + 1) % items.length,
		ArrowUp: (at - 1 + items.length) % items.length,
		Home: 0,
		End: items.length - 1,
	};
	const target = moves[key];
	if (target !== undefined) items[target]?.focus();
	else if (key === "Escape" || key === "Tab") close();
	return target !== undefined || key === "Escape";
}
