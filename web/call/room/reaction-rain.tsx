import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import { ReactionGlyph, reactionLabel } from "../bar/reaction-glyph.tsx";
import styles from "./room.module.css";
import type { RoomModel } from "./room-model.ts";

interface Drop {
	id: number;
	emoji: string;
	name: string;
	/** px from the side. */
	at: number;
}

const STAY_MS = 4000;
const MOST = 14;
let lastID = 0;

/** Reactions rise at the side of the stage, each with its name. Many at once are thinned out: it must not flicker. */
export function ReactionRain({ room }: { room: RoomModel }): JSX.Element {
	const [drops, setDrops] = useState<readonly Drop[]>([]);
	useEffect(
		() =>
			room.call.onReaction(({ participantID, emoji }) => {
				const isOwn = room.call.self.value?.participantID === participantID;
				const name = isOwn ? "You" : room.person(participantID)?.participant.value.displayName;
				lastID += 1;
				const drop = { id: lastID, emoji, name: name ?? "Somebody", at: (lastID * 53) % 160 };
				setDrops((now) => [...now, drop].slice(-MOST));
				setTimeout(() => setDrops((now) => now.filter((each) => each.id !== drop.id)), STAY_MS);
			}),
		[room],
	);
	return (
		<div class={styles.rain} role="log" aria-label="Reactions">
			{drops.map((drop) => (
				<div key={drop.id} class={styles.drop} style={{ insetInlineStart: `${drop.at}px` }}>
					<ReactionGlyph emoji={drop.emoji} size={40} />
					<span>
						{drop.name}
						<span class="visually-hidden">: {reactionLabel(drop.emoji)}</span>
					</span>
				</div>
			))}
		</div>
	);
}
