import type { JSX } from "preact";
import { useState } from "preact/hooks";
import controls from "../../shell/controls.module.css";
import { Icon } from "../../shell/icons.tsx";
import { InviteCard } from "../invite/invite-card.tsx";
import styles from "./alone-card.module.css";
import type { RoomModel } from "./room-model.ts";

/** Nobody else is here: what one needs then is the link. */
export function AloneCard({ room }: { room: RoomModel }): JSX.Element | null {
	const [isClosed, setClosed] = useState(false);
	const { call } = room;
	const facts = call.room.value;
	const isRinging = room.rung.invitations.value.some((invitation) => invitation.state === "ringing");
	const isAlone = call.people.value.length === 0 && call.phase.value.name === "connected";
	if (isClosed || !isAlone || isRinging || facts === null || room.panel.value === "invite") return null;
	return (
		<section class={styles.card} aria-label="Nobody else is here" data-testid="alone">
			<header>
				<h2>You are the only one here</h2>
				<button
					type="button"
					class={controls.icon}
					aria-label="Close the invitation"
					onClick={() => setClosed(true)}
				>
					<Icon name="close" />
				</button>
			</header>
			<p>Send this link. Whoever opens it needs no account.</p>
			<InviteCard code={facts.code} title={facts.title} />
		</section>
	);
}
