import { signal } from "@preact/signals";
import type { JSX } from "preact";
import { useRef, useState } from "preact/hooks";
import { recall, remember } from "../../shell/settings.ts";
import type { RoomModel } from "./room-model.ts";
import { SelfTile } from "./self-tile.tsx";
import styles from "./stage.module.css";

interface Corner {
	isRight: boolean;
	isBottom: boolean;
}

const KEY = "rostrum.call.self-corner";
const corner = signal<Corner>(readCorner());
/** A smaller movement is a click. */
const DRAG_FROM_PX = 6;

/** Oneself in a corner of the stage. It is dragged to another one, or moved there by the arrow keys. */
export function FloatingSelf({ room }: { room: RoomModel }): JSX.Element {
	const [offset, setOffset] = useState<{ x: number; y: number } | null>(null);
	const start = useRef<{ x: number; y: number } | null>(null);
	const { width, height } = room.size.value;
	const size = floatingSize(width, height);
	function drop(event: PointerEvent): void {
		const from = start.current;
		start.current = null;
		setOffset(null);
		if (from === null) return;
		const moved = { x: event.clientX - from.x, y: event.clientY - from.y };
		if (Math.abs(moved.x) > width / 4) place({ isRight: moved.x > 0 });
		if (Math.abs(moved.y) > height / 4) place({ isBottom: moved.y > 0 });
	}
	return (
		// biome-ignore lint/a11y/useSemanticElements: a group with a name; a fieldset brings its own layout.
		<div
			class={styles.floating}
			role="group"
			// biome-ignore lint/a11y/noNoninteractiveTabindex: the arrow keys do what dragging does (WCAG 2.2 SC 2.5.7).
			tabIndex={0}
			aria-label="You. Move with the arrow keys"
			data-testid="floating-self"
			data-right={corner.value.isRight}
			data-bottom={corner.value.isBottom}
			style={{
				width: `${size.width}px`,
				height: `${size.height}px`,
				...(offset === null ? {} : { transform: `translate(${offset.x}px, ${offset.y}px)` }),
			}}
			onKeyDown={(event) => {
				if (!moveByKey(event.key)) return;
				event.preventDefault();
				event.stopPropagation();
			}}
			onPointerDown={(event) => {
				if (event.target instanceof Element && event.target.closest("button, [role='menu']") !== null) return;
				start.current = { x: event.clientX, y: event.clientY };
				event.currentTarget.setPointerCapture(event.pointerId);
			}}
			onPointerMove={(event) => {
				const from = start.current;
				if (from === null) return;
				const moved = { x: event.clientX - from.x, y: event.clientY - from.y };
				if (Math.hypot(moved.x, moved.y) > DRAG_FROM_PX) setOffset(moved);
			}}
			onPointerUp={drop}
			onPointerCancel={drop}
		>
			<SelfTile room={room} region={{ x: 0, y: 0, ...size }} place="strip" />
		</div>
	);
}

function floatingSize(stageWidth: number, stageHeight: number): { width: number; height: number } {
	if (stageWidth < 600) return { width: 108, height: 144 };
	const width = Math.round(Math.max(180, Math.min(280, stageWidth * 0.2, stageHeight * 0.4)));
	return { width, height: Math.round((width * 9) / 16) };
}

function moveByKey(key: string): boolean {
	const moves: Record<string, Partial<Corner>> = {
		ArrowLeft: { isRight: false },
		ArrowRight: { isRight: true },
		ArrowUp: { isBottom: false },
		ArrowDown: { isBottom: true },
	};
	const move = moves[key];
	if (move !== undefined) place(move);
	return move !== undefined;
}

function place(change: Partial<Corner>): void {
	corner.value = { ...corner.value, ...change };
	remember(KEY, `${corner.value.isBottom ? "bottom" : "top"}-${corner.value.isRight ? "right" : "left"}`);
}

function readCorner(): Corner {
	const kept = recall(KEY) ?? "bottom-right";
	return { isRight: kept.endsWith("right"), isBottom: kept.startsWith("bottom") };
}
