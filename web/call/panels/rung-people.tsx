import type { JSX } from "preact";
import type { Invitation } from "../../../protocol/call.ts";
import controls from "../../shell/controls.module.css";
import { Avatar } from "../avatar.tsx";
import { attempt } from "../room/person-menu.ts";
import type { RoomModel } from "../room/room-model.ts";
import styles from "./panels.module.css";

const WORDS: Record<Invitation["state"], string> = {
	ringing: "Ringing…",
	accepted: "Accepted",
	declined: "Declined",
	busy: "In another call",
	cancelled: "Not called any more",
	missed: "Did not answer",
};

/** Those who were called and are not inside. */
export function RungPeople({ room }: { room: RoomModel }): JSX.Element | null {
	const inside = new Set(room.call.people.value.map((person) => person.participant.value.userID));
	const outside = room.rung.invitations.value.filter(
		({ userID, state }) => !inside.has(userID) && state !== "accepted" && state !== "cancelled",
	);
	if (outside.length === 0) return null;
	return (
		<section class={styles.section} aria-label="Called">
			<h3>Called</h3>
			<ul>
				{outside.map(({ userID, displayName, state }) => (
					<li key={userID} class={styles.row}>
						<Avatar userID={userID} name={displayName} size={36} />
						<span class={styles.who}>
							{displayName}
							<small>{WORDS[state]}</small>
						</span>
						{state === "ringing" ? (
							<button
								type="button"
								class={controls.quiet}
								onClick={() =>
									void attempt(room.rung.cancel(userID), `${displayName} is not called any more`)
								}
							>
								Cancel
							</button>
						) : (
							<button
								type="button"
								class={controls.quiet}
								onClick={() => void attempt(room.rung.ring([userID]), `Ringing ${displayName}`)}
							>
								Call again
							</button>
						)}
					</li>
				))}
			</ul>
		</section>
	);
}
