import type { JSX } from "preact";
import { listContacts } from "../../../protocol/contact.ts";
import { session } from "../../account/session.ts";
import { onlineIDs } from "../../notification/notifications.ts";
import { call } from "../../shell/api.ts";
import controls from "../../shell/controls.module.css";
import { Icon } from "../../shell/icons.tsx";
import { useResource } from "../../shell/resource.ts";
import { Avatar } from "../avatar.tsx";
import { InviteCard } from "../invite/invite-card.tsx";
import { attempt } from "../room/person-menu.ts";
import type { RoomModel } from "../room/room-model.ts";
import styles from "./panels.module.css";
import { RungPeople } from "./rung-people.tsx";

/** Getting others in: by the link, or by ringing contacts. */
export function InvitePanel({ room }: { room: RoomModel }): JSX.Element {
	const facts = room.call.room.value;
	return (
		<div class={styles.scroll}>
			<section class={`${styles.section} ${styles.invite}`}>
				{facts === null ? null : <InviteCard code={facts.code} title={facts.title} />}
			</section>
			<RungPeople room={room} />
			{session.value.kind === "signed-in" ? <Contacts room={room} /> : null}
		</div>
	);
}

function Contacts({ room }: { room: RoomModel }): JSX.Element | null {
	const contacts = useResource("accepted contacts", async (signal) => {
		const { items } = await call(listContacts, { query: { state: "accepted", limit: 100 } }, { signal });
		return items;
	});
	const inside = new Set(room.call.people.value.map((person) => person.participant.value.userID));
	const rung = new Set(
		room.rung.invitations.value.filter(({ state }) => state === "ringing").map(({ userID }) => userID),
	);
	const outside = (contacts.value ?? []).filter(({ userID }) => !inside.has(userID) && !rung.has(userID));
	if (outside.length === 0) return null;
	const isThere = (userID: string) => onlineIDs.value.has(userID);
	const sorted = [...outside].sort((a, b) => Number(isThere(b.userID)) - Number(isThere(a.userID)));
	return (
		<section class={styles.section} aria-label="Contacts">
			<h3>Call a contact</h3>
			<ul>
				{sorted.map(({ userID, displayName, userName }) => (
					<li key={userID} class={styles.row}>
						<Avatar userID={userID} name={displayName} size={36} />
						<span class={styles.who}>
							{displayName}
							<small>{isThere(userID) ? "online" : `@${userName}`}</small>
						</span>
						<button
							type="button"
							class={controls.icon}
							aria-label={`Call ${displayName}`}
							title={`Call ${displayName}`}
							onClick={() => void attempt(room.rung.ring([userID]), `Ringing ${displayName}`)}
						>
							<Icon name="phone" />
						</button>
					</li>
				))}
			</ul>
		</section>
	);
}
