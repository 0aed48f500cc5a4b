import type { JSX } from "preact";
import { Icon } from "../../shell/icons.tsx";
import { useNow } from "../../shell/resource.ts";
import { serverClock } from "../../shell/server-clock.ts";
import { formatClock } from "../../shell/time.ts";
import { listNames } from "./announcement.ts";
import { QualityBars } from "./quality-bars.tsx";
import styles from "./room.module.css";
import type { RoomModel } from "./room-model.ts";

/** What call this is, how long it has gone on, and how well it goes. */
export function TopBar({ room }: { room: RoomModel }): JSX.Element {
	const { call } = room;
	const facts = call.room.value;
	const title = facts?.title ?? "";
	return (
		<header class={styles.top}>
			<h1 class={styles.heading}>{title === "" ? nameOf(room) : title}</h1>
			{facts === null ? null : <Clock startedAt={Date.parse(facts.startedAt)} />}
			{facts?.isLocked === true ? (
				<span class={styles.badge}>
					<Icon name="lock" size={14} />
					Locked
				</span>
			) : null}
			{call.recording.value === "recording" ? <span class={`${styles.badge} ${styles.rec}`}>REC</span> : null}
			{room.isAudioOnly.value ? (
				<span class={styles.badge}>
					<Icon name="pause" size={14} />
					Audio only
				</span>
			) : null}
			<span class={styles.spacer} />
			<button
				type="button"
				class={styles.topButton}
				aria-label="Connection quality"
				title="Connection quality (Q)"
				aria-pressed={room.panel.value === "quality"}
				onClick={() => room.togglePanel("quality")}
			>
				<QualityBars verdict={call.quality.value.verdict} />
			</button>
			<button
				type="button"
				class={styles.topButton}
				aria-label="Invite others"
				aria-pressed={room.panel.value === "invite"}
				onClick={() => room.togglePanel("invite")}
			>
				<Icon name="userPlus" size={18} />
				<span>Invite</span>
			</button>
		</header>
	);
}

/** A call without a title goes by those who are in it, or by its code. */
function nameOf({ call }: RoomModel): string {
	const names = call.people.value.map((person) => person.participant.value.displayName);
	return names.length > 0 && names.length <= MOST_NAMES
		? listNames(names)
		: (call.room.value?.code ?? "Call");
}

const MOST_NAMES = 2;

function Clock({ startedAt }: { startedAt: number }): JSX.Element {
	const now = useNow(1000);
	return <span class={styles.clock}>{formatClock(serverClock.at(now) - startedAt)}</span>;
}
