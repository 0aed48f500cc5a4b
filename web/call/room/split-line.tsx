import type { JSX } from "preact";
import { useRef } from "preact/hooks";
import { SPLIT_RANGE, type StageLayout } from "../layout.ts";
import type { RoomModel } from "./room-model.ts";
import styles from "./stage.module.css";

const STEP = 0.03;

/** The line between the main picture and the filmstrip: dragged, or moved by the arrow keys (WAI-ARIA APG, window splitter). */
export function SplitLine({
	room,
	divider,
}: {
	room: RoomModel;
	divider: NonNullable<StageLayout["divider"]>;
}): JSX.Element {
	const isDragging = useRef(false);
	const isVertical = divider.orientation === "vertical";
	const percent = Math.round(room.split * 100);
	function move(split: number): void {
		room.setSplit(Math.min(SPLIT_RANGE.most, Math.max(SPLIT_RANGE.least, split)));
	}
	return (
		// biome-ignore lint/a11y/useSemanticElements: an <hr> cannot be focused and moved.
		<div
			class={styles.split}
			role="separator"
			tabIndex={0}
			aria-label="Size of the main picture"
			aria-orientation={divider.orientation}
			aria-valuemin={SPLIT_RANGE.least * 100}
			aria-valuemax={SPLIT_RANGE.most * 100}
			aria-valuenow={percent}
			data-orientation={divider.orientation}
			style={isVertical ? { left: `${divider.at}px` } : { top: `${divider.at}px` }}
			onKeyDown={(event) => {
				const next = splitByKey(event.key, room.split);
				if (next === null) return;
				event.preventDefault();
				move(next);
			}}
			onPointerDown={(event) => {
				isDragging.current = true;
				event.currentTarget.setPointerCapture(event.pointerId);
			}}
			onPointerMove={(event) => {
				const stage = event.currentTarget.parentElement?.getBoundingClientRect();
				if (!isDragging.current || stage === undefined) return;
				const share = isVertical
					? (event.clientX - stage.left) / stage.width
					: (event.clientY - stage.top) / stage.height;
				move(share);
			}}
			onPointerUp={() => {
				isDragging.current = false;
			}}
			onPointerCancel={() => {
				isDragging.current = false;
			}}
		/>
	);
}

function splitByKey(key: string, split: number): number | null {
	const next: Record<string, number> = {
		ArrowLeft: split - STEP,
		ArrowUp: split - STEP,
		ArrowRight: split + STEP,
		ArrowDown: split + STEP,
		Home: SPLIT_RANGE.least,
		End: SPLIT_RANGE.most,
	};
	return next[key] ?? null;
}
