import type { JSX } from "preact";
import { useState } from "preact/hooks";
import type { CallKind } from "../../../protocol/call.ts";
import { Icon } from "../../shell/icons.tsx";
import { useNow } from "../../shell/resource.ts";
import { formatClock } from "../../shell/time.ts";
import { Avatar } from "../avatar.tsx";
import { listNames } from "./announcement.ts";
import { attempt } from "./person-menu.ts";
import styles from "./room.module.css";
import type { RoomModel } from "./room-model.ts";

/** One has rung somebody and is alone so far. `kind` null: this visit did not begin with a ring. */
export function RingingView({ room, kind }: { room: RoomModel; kind: CallKind | null }): JSX.Element | null {
	const rung = room.rung.invitations.value.filter((invitation) => invitation.state === "ringing");
	const [first] = rung;
	if (first === undefined || room.call.people.value.length > 0) return null;
	const names = listNames(rung.map((invitation) => invitation.displayName));
	async function cancel(): Promise<void> {
		await Promise.all(rung.map((invitation) => room.rung.cancel(invitation.userID)));
	}
	return (
		<div class={styles.ringing} data-testid="ringing-out">
			<span class={styles.ringFace}>
				<Avatar userID={first.userID} name={first.displayName} size={112} />
			</span>
			<div role="status">
				<h2>Ringing {names}…</h2>
			</div>
			<Waiting kind={kind} />
			<button type="button" onClick={() => void attempt(cancel(), "Call cancelled")}>
				<Icon name="phoneDown" />
				Cancel
			</button>
		</div>
	);
}

function Waiting({ kind }: { kind: CallKind | null }): JSX.Element {
	const now = useNow(1000);
	const [since] = useState(() => Date.now());
	const what = kind === "audio" ? "Audio call" : "Video call";
	return (
		<p class="numerals">
			{what} · {formatClock(now - since)}
		</p>
	);
}
