import { type ComponentChildren, h, type JSX } from "preact";
import { useCallback, useRef } from "preact/hooks";
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
	const stage = useRef<HTMLDivElement>(null);
	const take = useCallback(
		(element: HTMLElement | null) => {
			const player = element instanceof RostrumPlayer ? element : null;
			if (player !== null && stage.current !== null) player.fullscreenTarget = stage.current;
			onPlayer(player);
		},
		[onPlayer],
	);
	return (
		<div class={styles.stage} ref={stage}>
			{h("rostrum-player", { ref: take })}
			{children}
		</div>
	);
}
