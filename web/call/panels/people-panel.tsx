import type { JSX } from "preact";
import type { Participant } from "../../../protocol/call.ts";
import controls from "../../shell/controls.module.css";
import { Icon } from "../../shell/icons.tsx";
import { MenuButton, type MenuItem } from "../../shell/menu.tsx";
import { Avatar } from "../avatar.tsx";
import type { RemotePerson } from "../engine/remote-person.ts";
import { isSameTile } from "../layout.ts";
import { attempt, personMenu } from "../room/person-menu.ts";
import type { RoomModel } from "../room/room-model.ts";
import { HostControls } from "./host-controls.tsx";
import styles from "./panels.module.css";
import { RungPeople } from "./rung-people.tsx";

/** Everybody: at the door, rung, and inside, those with a raised hand first. */
export function PeoplePanel({ room }: { room: RoomModel }): JSX.Element {
	const self = room.call.self.value;
	const people = sortByHand(room, room.seated.value);
	return (
		<div class={styles.scroll}>
			<AtTheDoor room={room} />
			<RungPeople room={room} />
			<section class={styles.section} aria-label="In the call">
				<h3>
					In the call <span class="numerals">{people.length + 1}</span>
				</h3>
				<ul>
					{self === null ? null : <SelfRow room={room} self={self} />}
					{people.map((person) => (
						<PersonRow key={person.participantID} room={room} person={person} />
					))}
				</ul>
			</section>
			{room.isHost.value ? <HostControls room={room} /> : null}
		</div>
	);
}

function sortByHand(room: RoomModel, people: readonly RemotePerson[]): readonly RemotePerson[] {
	const hands = room.hands.value;
	const place = ({ participantID }: RemotePerson) => {
		const at = hands.indexOf(participantID);
		return at === -1 ? hands.length : at;
	};
	return [...people].sort((a, b) => place(a) - place(b));
}

function AtTheDoor({ room }: { room: RoomModel }): JSX.Element | null {
	const waiting = room.call.waiting.value;
	if (!room.isHost.value || waiting.length === 0) return null;
	return (
		<section class={styles.section} aria-label="At the door">
			<h3>
				At the door <span class="numerals">{waiting.length}</span>
			</h3>
			<ul>
				{waiting.map((person) => (
					<li key={person.participantID} class={styles.row}>
						<Avatar userID={person.userID} name={person.displayName} size={36} />
						<span class={styles.who}>{person.displayName}</span>
						<AdmitButtons room={room} person={person} />
					</li>
				))}
			</ul>
		</section>
	);
}

/** Yes and no for somebody at the door. */
export function AdmitButtons({ room, person }: { room: RoomModel; person: Participant }): JSX.Element {
	const { participantID, displayName } = person;
	return (
		<span class={styles.answers}>
			<button
				type="button"
				class={controls.quiet}
				aria-label={`Turn ${displayName} away`}
				onClick={() => void attempt(room.call.admit(participantID, false), `${displayName} was turned away`)}
			>
				Deny
			</button>
			<button
				type="button"
				class={controls.primary}
				aria-label={`Let ${displayName} in`}
				onClick={() => void attempt(room.call.admit(participantID, true), `${displayName} may come in`)}
			>
				Admit
			</button>
		</span>
	);
}

function SelfRow({ room, self }: { room: RoomModel; self: Participant }): JSX.Element {
	return (
		<Row
			person={self}
			label={`${self.displayName} (you)`}
			isMicOn={room.media.isMicOn.value}
			isCamOn={room.media.isCamOn.value}
			handPlace={room.hands.value.indexOf(self.participantID) + 1}
			menu={[]}
		/>
	);
}

function PersonRow({ room, person }: { room: RoomModel; person: RemotePerson }): JSX.Element {
	const facts = person.participant.value;
	const tile = { participantID: person.participantID, source: "cam" } as const;
	const isPinned = isSameTile(room.pinned.value, tile);
	const pin: MenuItem = {
		label: isPinned ? "Unpin" : "Pin for me",
		icon: "pin",
		run: () => room.togglePin(tile),
	};
	return (
		<Row
			person={facts}
			label={facts.displayName}
			isMicOn={facts.media.mic}
			isCamOn={facts.media.cam}
			handPlace={room.hands.value.indexOf(person.participantID) + 1}
			menu={[pin, ...personMenu(room, person)]}
		/>
	);
}

const ROLES = { host: "Host", cohost: "Co-host", member: null } as const;

function Row({
	person,
	label,
	isMicOn,
	isCamOn,
	handPlace,
	menu,
}: {
	person: Participant;
	label: string;
	isMicOn: boolean;
	isCamOn: boolean;
	handPlace: number;
	menu: readonly MenuItem[];
}): JSX.Element {
	const notes = [ROLES[person.role], person.isGuest ? "Guest" : null];
	if (person.connection === "reconnecting") notes.push("reconnecting…");
	const note = notes.filter((each) => each !== null).join(" · ");
	return (
		<li class={styles.row} data-testid="person-row">
			<Avatar userID={person.userID} name={person.displayName} size={36} />
			<span class={styles.who}>
				{label}
				{note === "" ? null : <small>{note}</small>}
			</span>
			{handPlace === 0 ? null : (
				<span class={styles.hand} title={`Hand raised, number ${handPlace}`}>
					<Icon name="hand" size={16} />
					{handPlace}
					<span class="visually-hidden">. hand in the queue</span>
				</span>
			)}
			<State icon={isMicOn ? "mic" : "micOff"} label={isMicOn ? "microphone on" : "muted"} isOn={isMicOn} />
			<State
				icon={isCamOn ? "camera" : "cameraOff"}
				label={isCamOn ? "camera on" : "camera off"}
				isOn={isCamOn}
			/>
			{menu.length === 0 ? (
				<span class={styles.noMenu} />
			) : (
				<MenuButton label={`More for ${person.displayName}`} class={controls.icon} items={menu}>
					<Icon name="more" />
				</MenuButton>
			)}
		</li>
	);
}

function State({
	icon,
	label,
	isOn,
}: {
	icon: "mic" | "micOff" | "camera" | "cameraOff";
	label: string;
	isOn: boolean;
}): JSX.Element {
	return (
		<span class={styles.state} data-on={isOn} title={label}>
			<Icon name={icon} size={18} />
			<span class="visually-hidden">{label}</span>
		</span>
	);
}
