import { effect } from "@preact/signals";
import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import { announce, type CallEvent } from "./announcement.ts";
import { eventsBetween, type RoomSnapshot } from "./room-events.ts";
import type { RoomModel } from "./room-model.ts";

/** So much is collected before it is said, ms. */
const BATCH_MS = 1500;

/** Tells screen readers who comes, goes, raises a hand or shares, politely and not one by one. */
export function Announcer({ room }: { room: RoomModel }): JSX.Element {
	const [text, setText] = useState("");
	useEffect(() => {
		let before: RoomSnapshot | null = null;
		let pending: CallEvent[] = [];
		let timer: ReturnType<typeof setTimeout> | null = null;
		function flush(): void {
			timer = null;
			setText(announce(pending));
			pending = [];
		}
		const stop = effect(() => {
			const now = snapshot(room);
			// Who was there already is no news.
			if (before !== null) pending.push(...eventsBetween(before, now));
			if (room.call.phase.value.name === "connected" || before !== null) before = now;
			if (pending.length > 0) timer ??= setTimeout(flush, BATCH_MS);
		});
		return () => {
			stop();
			if (timer !== null) clearTimeout(timer);
		};
	}, [room]);
	return (
		<p class="visually-hidden" role="status" aria-live="polite" data-testid="announcer">
			{text}
		</p>
	);
}

function snapshot(room: RoomModel): RoomSnapshot {
	return {
		people: room.call.people.value.map((person) => {
			const { displayName, handRaisedAt, media } = person.participant.value;
			return {
				id: person.participantID,
				name: displayName,
				hasHand: handRaisedAt !== null,
				isSharing: media.screen,
			};
		}),
		waiting: room.isHost.value
			? room.call.waiting.value.map(({ participantID, displayName }) => ({
					id: participantID,
					name: displayName,
				}))
			: [],
	};
}
