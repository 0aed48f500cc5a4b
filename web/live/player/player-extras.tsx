import type { JSX } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import styles from "./player.module.css";
import type { RostrumPlayer } from "./player-element.tsx";
import { SettingsMenu } from "./settings-menu.tsx";

/** Buttons that media-chrome does not have: settings and theatre. */
export function PlayerExtras({ player }: { player: RostrumPlayer }): JSX.Element {
	return (
		<>
			<CaptionsButton player={player} />
			<Settings player={player} />
			<button
				type="button"
				class={`${styles.tool} ${styles.theatre}`}
				aria-label={player.model.isTheatre.value ? "Leave the theatre" : "Theatre"}
				title="Theatre (t)"
				onClick={() => player.toggleTheatre()}
			>
				<svg aria-hidden="true" width="24" height="24" viewBox="0 0 24 24" fill="none" stroke="currentColor">
					<rect x="3" y="6" width="18" height="12" rx="2.5" stroke-width="1.8" />
					<path d="M3 15h18" stroke-width="1.8" />
				</svg>
			</button>
		</>
	);
}

/** Only where there are captions. */
function CaptionsButton({ player }: { player: RostrumPlayer }): JSX.Element | null {
	const { captions, caption } = player.model;
	if (captions.value.length === 0) return null;
	return (
		<button
			type="button"
			class={styles.tool}
			aria-label="Captions"
			aria-pressed={caption.value !== null}
			title="Captions (c)"
			onClick={() => player.toggleCaptions()}
		>
			<svg aria-hidden="true" width="24" height="24" viewBox="0 0 24 24" fill="none" stroke="currentColor">
				<rect x="3" y="5" width="18" height="14" rx="2.5" stroke-width="1.8" />
				<path d="M6.5 15h5M14 15h3.5M6.5 11.5h2.5M11.5 11.5h6" stroke-width="1.8" stroke-linecap="round" />
			</svg>
		</button>
	);
}

function Settings({ player }: { player: RostrumPlayer }): JSX.Element {
	const [isOpen, setOpen] = useState(false);
	const root = useRef<HTMLDivElement>(null);
	const button = useRef<HTMLButtonElement>(null);
	useEffect(() => {
		if (!isOpen) return;
		const closeOutside = (event: PointerEvent) => {
			if (event.target instanceof Node && root.current?.contains(event.target) !== true) setOpen(false);
		};
		document.addEventListener("pointerdown", closeOutside);
		return () => document.removeEventListener("pointerdown", closeOutside);
	}, [isOpen]);
	return (
		<div ref={root} class={styles.settings}>
			<button
				ref={button}
				type="button"
				class={styles.tool}
				aria-label="Player settings"
				title="Settings"
				aria-haspopup="menu"
				aria-expanded={isOpen}
				onClick={() => setOpen(!isOpen)}
			>
				<svg aria-hidden="true" width="24" height="24" viewBox="0 0 24 24" fill="none" stroke="currentColor">
					<path d="M4 8h9M17 8h3M4 16h3M11 16h9" stroke-width="1.8" stroke-linecap="round" />
					<circle cx="15" cy="8" r="2" stroke-width="1.8" />
					<circle cx="9" cy="16" r="2" stroke-width="1.8" />
				</svg>
			</button>
			{isOpen ? (
				<SettingsMenu
					player={player}
					close={() => {
						setOpen(false);
						button.current?.focus();
					}}
				/>
			) : null}
		</div>
	);
}
