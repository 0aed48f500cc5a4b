import { type ComponentChildren, h, type JSX } from "preact";
import { useCallback } from "preact/hooks";
import { RostrumPlayer } from "../player/player-element.tsx";
import styles from "./watch.module.css";

/** The picture and what lies over it; together they go full screen. `onPlayer` gets the player when it is there, null when it goes. */
export function Stage({
	onPlayer,
	children,
}: {
	onPlayer: (player: RostrumPlayer | null) => void;
	children?: ComponentChildren;
}): JSX.Element {
	const take = useCallback(
		(element: HTMLElement | null) => {
			const player = element instanceof RostrumPlayer ? element : null;
			if (player?.parentElement) player.fullscreenTarget = player.parentElement;
			onPlayer(player);
		},
		[onPlayer],
	);
	return (
		<div class={styles.stage}>
			{h("rostrum-player", { ref: take })}
			{children}
		</div>
	);
}
