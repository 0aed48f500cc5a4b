import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { ownID } from "../../account/own-id.ts";
import controls from "../../shell/controls.module.css";
import { usePageTitle } from "../../shell/page-title.ts";
import { useNow } from "../../shell/resource.ts";
import { formatClock } from "../../shell/time.ts";
import { Avatar } from "../avatar.tsx";
import type { CallSession } from "../engine/call-session.ts";
import type { Meeting } from "../meeting.ts";
import styles from "./lobby.module.css";

/** One has knocked. The devices stay as they are; nothing is sent. */
export function WaitingRoom({ meeting, entered }: { meeting: Meeting; entered: CallSession }): JSX.Element {
	const now = useNow(1000);
	const [since] = useState(() => Date.now());
	const title = entered.room.value?.title ?? "";
	usePageTitle("Waiting to be let in");
	return (
		<div class={styles.waiting} data-testid="waiting-room">
			<div class={styles.knock}>
				<Avatar userID={ownID()} name={meeting.displayName} size={80} />
			</div>
			<div role="status">
				<h1>The host will let you in</h1>
			</div>
			<p>
				{title === "" ? "They see that you are here." : `They see that you want to join “${title}”.`} Nobody
				sees or hears you yet.
			</p>
			<p class="numerals">Waiting {formatClock(now - since)}</p>
			<button type="button" class={controls.button} onClick={() => meeting.withdraw()}>
				Cancel
			</button>
		</div>
	);
}
