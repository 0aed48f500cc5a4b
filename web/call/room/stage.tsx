import type { JSX } from "preact";
import { useLayoutEffect, useRef } from "preact/hooks";
import controls from "../../shell/controls.module.css";
import { Icon } from "../../shell/icons.tsx";
import type { PlacedTile } from "../layout.ts";
import { FloatingSelf } from "./floating-self.tsx";
import { RemoteTile } from "./remote-tile.tsx";
import type { RoomModel } from "./room-model.ts";
import { SelfTile } from "./self-tile.tsx";
import { SplitLine } from "./split-line.tsx";
import styles from "./stage.module.css";

/** Everybody who is seen. Where they stand is `layoutStage`'s; this puts them there. */
export function Stage({ room }: { room: RoomModel }): JSX.Element {
	const stage = useRef<HTMLElement>(null);
	useStageSize(stage, room);
	const layout = room.layout.value;
	return (
		<section ref={stage} class={styles.stage} aria-label="People" data-testid="stage" data-kind={layout.kind}>
			{inStableOrder(layout.placed).map((placed) => (
				<PlacedTileView key={`${placed.participantID}/${placed.source}`} room={room} placed={placed} />
			))}
			{layout.isSelfFloating ? <FloatingSelf room={room} /> : null}
			{layout.divider === null ? null : <SplitLine room={room} divider={layout.divider} />}
		</section>
	);
}

/** Tiles keep their element when they move: only their place is another one, the picture plays on. */
function inStableOrder(placed: readonly PlacedTile[]): PlacedTile[] {
	return [...placed].sort((a, b) =>
		`${a.participantID}${a.source}` < `${b.participantID}${b.source}` ? -1 : 1,
	);
}

function PlacedTileView({ room, placed }: { room: RoomModel; placed: PlacedTile }): JSX.Element | null {
	if (placed.participantID === room.call.self.value?.participantID) {
		return <SelfTile room={room} region={placed} place={placed.role} />;
	}
	const person = room.person(placed.participantID);
	return person === undefined ? null : <RemoteTile room={room} person={person} placed={placed} />;
}

function useStageSize(stage: { current: HTMLElement | null }, room: RoomModel): void {
	useLayoutEffect(() => {
		const element = stage.current;
		if (element === null) return;
		const read = () => {
			const { clientWidth, clientHeight } = element;
			const before = room.size.peek();
			if (before.width === clientWidth && before.height === clientHeight) return;
			room.size.value = { width: clientWidth, height: clientHeight };
		};
		read();
		const observer = new ResizeObserver(read);
		observer.observe(element);
		return () => observer.disconnect();
	}, [stage, room]);
}

/** Turns the pages of those who do not fit. It stands below the stage, never on a face. */
export function Pages({ room }: { room: RoomModel }): JSX.Element | null {
	const { page, pages } = room.layout.value;
	if (pages === 1) return null;
	return (
		<nav class={styles.pages} aria-label="Pages of people">
			<button
				type="button"
				class={controls.icon}
				aria-label="Previous page"
				title="Previous page (Page up)"
				disabled={page === 0}
				onClick={() => room.turnPage(-1)}
			>
				<Icon name="chevronLeft" />
			</button>
			<span class="numerals" aria-live="polite">
				{page + 1} / {pages}
			</span>
			<button
				type="button"
				class={controls.icon}
				aria-label="Next page"
				title="Next page (Page down)"
				disabled={page === pages - 1}
				onClick={() => room.turnPage(1)}
			>
				<Icon name="chevronRight" />
			</button>
		</nav>
	);
}
