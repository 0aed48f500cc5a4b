import type { JSX } from "preact";
import { useCallback, useEffect, useLayoutEffect, useRef } from "preact/hooks";
import controls from "../shell/controls.module.css";
import { Icon } from "../shell/icons.tsx";
import type { MenuItem } from "../shell/menu.tsx";
import { plural } from "../shell/time.ts";
import styles from "./chat.module.css";
import type { ChatItem } from "./chat-item.ts";
import { shownItems } from "./chat-list.ts";
import type { ChatRoom } from "./chat-room.ts";
import { emotes } from "./emote-set.ts";
import { MessageRow } from "./message-row.tsx";
import { anchorOf, distanceToEnd, restoreAnchor, type ScrollAnchor } from "./scroll-anchor.ts";

/** Closer to the end than this counts as being there, px. */
const AT_END = 40;
/** Closer to either end than this brings more rows, px. */
const NEAR = 160;

/** The lines, newest last. It follows them until somebody scrolls up. */
export function MessageList({
	room,
	menuFor,
}: {
	room: ChatRoom;
	menuFor: ((item: ChatItem) => readonly MenuItem[]) | null;
}): JSX.Element {
	const log = useRef<HTMLDivElement>(null);
	const list = room.list.value;
	const items = shownItems(list);
	const { userID } = room.self.value;
	const onScroll = useFollowing(room, log, items);
	const retry = useCallback((id: string) => room.retry(id), [room]);
	const withdraw = useCallback((id: string) => room.withdraw(id), [room]);
	return (
		<div class={styles.viewport}>
			<div
				ref={log}
				class={styles.log}
				role="log"
				// biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling region must be reachable by keyboard (axe: scrollable-region-focusable).
				tabIndex={0}
				aria-label="Chat messages"
				aria-live={room.isFast.value || list.view !== null ? "off" : "polite"}
				onScroll={onScroll}
			>
				<Beginning room={room} />
				{items.map((item) => (
					<MessageRow
						key={item.key}
						item={item}
						emotes={emotes.value}
						isOwn={item.userID === userID}
						menuFor={item.userID === userID ? null : menuFor}
						retry={retry}
						withdraw={withdraw}
					/>
				))}
			</div>
			{list.view === null ? null : (
				<button type="button" class={styles.newer} onClick={() => room.follow()}>
					{list.unseen > 0 ? `${plural(list.unseen, "new message")}` : "To the newest"}
					<Icon name="arrowDown" size={16} />
				</button>
			)}
		</div>
	);
}

function Beginning({ room }: { room: ChatRoom }): JSX.Element | null {
	if (room.isLoadingOlder.value) {
		return (
			<p class={styles.beginning}>
				<span class={controls.spinner} aria-hidden="true" />
				Older messages…
			</p>
		);
	}
	if (room.olderFailed.value) {
		return (
			<p class={styles.beginning}>
				Older messages did not load.
				<button type="button" class={controls.quiet} onClick={() => void room.up()}>
					Try again
				</button>
			</p>
		);
	}
	const { older, items } = room.list.value;
	if (older.kind === "end" && items.length > 0) return <p class={styles.beginning}>The chat began here.</p>;
	if (items.length === 0 && room.connection.value.kind === "open") {
		return <p class={styles.beginning}>No messages yet. Say hello.</p>;
	}
	return null;
}

/** Keeps the place: at the end while following, at the same line while reading. Returns the scroll handler. */
function useFollowing(
	room: ChatRoom,
	log: { current: HTMLDivElement | null },
	items: readonly ChatItem[],
): () => void {
	const anchor = useRef<ScrollAnchor | null>(null);
	useLayoutEffect(() => {
		const element = log.current;
		if (element === null || items.length === 0) return;
		if (room.list.value.view === null) element.scrollTop = element.scrollHeight;
		else restoreAnchor(element, anchor.current);
	}, [room, log, items]);
	useEffect(() => {
		const element = log.current;
		if (element === null || typeof ResizeObserver === "undefined") return;
		const observer = new ResizeObserver(() => {
			if (room.list.value.view === null) element.scrollTop = element.scrollHeight;
		});
		observer.observe(element);
		return () => observer.disconnect();
	}, [room, log]);
	return useCallback(() => {
		const element = log.current;
		if (element === null) return;
		anchor.current = anchorOf(element);
		const left = distanceToEnd(element);
		const { view, items: held } = room.list.value;
		if (view === null && left > AT_END * 2) room.detach();
		else if (view !== null && left < AT_END && view.end >= held.length) room.follow();
		else if (view !== null && left < NEAR) room.down();
		if (element.scrollTop < NEAR && element.scrollHeight > element.clientHeight) void room.up();
	}, [room, log]);
}
