import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { CALL_LIMITS, CallAccess } from "../../../protocol/call.ts";
import controls from "../../shell/controls.module.css";
import { TextField } from "../../shell/form-field.tsx";
import { Icon } from "../../shell/icons.tsx";
import { attempt } from "../room/person-menu.ts";
import type { RoomModel } from "../room/room-model.ts";
import styles from "./panels.module.css";

const ACCESS_LABELS: Record<CallAccess, string> = {
	link: "Anybody with the link",
	lobby: "Link, and a host lets them in",
	invite: "Invited people only",
};

/** What hosts decide for everybody. */
export function HostControls({ room }: { room: RoomModel }): JSX.Element {
	const { call } = room;
	const facts = call.room.value;
	const isLocked = facts?.isLocked ?? false;
	return (
		<section class={styles.section} aria-label="Host">
			<h3>Host</h3>
			<div class={styles.host}>
				<div class={styles.hostButtons}>
					<button
						type="button"
						class={controls.button}
						disabled={call.people.value.length === 0}
						onClick={() => void attempt(call.muteAll(), "Everybody is muted")}
					>
						<Icon name="micOff" size={18} />
						Mute all
					</button>
					<button
						type="button"
						class={controls.button}
						aria-pressed={isLocked}
						onClick={() =>
							void attempt(
								call.setLocked(!isLocked),
								isLocked ? "The call is open again" : "The call is locked: nobody new comes in",
							)
						}
					>
						<Icon name={isLocked ? "lock" : "unlock"} size={18} />
						{isLocked ? "Unlock" : "Lock"}
					</button>
				</div>
				<div class={controls.field}>
					<label class={controls.label} for="call-access">
						Who may come in
					</label>
					<select
						id="call-access"
						class={controls.input}
						value={facts?.access ?? "link"}
						onChange={(event) => {
							const access = CallAccess.safeParse(event.currentTarget.value);
							if (access.success) void attempt(call.setAccess(access.data), ACCESS_LABELS[access.data]);
						}}
					>
						{CallAccess.options.map((access) => (
							<option key={access} value={access}>
								{ACCESS_LABELS[access]}
							</option>
						))}
					</select>
				</div>
				<TitleForm key={facts?.title ?? ""} room={room} />
			</div>
		</section>
	);
}

function TitleForm({ room }: { room: RoomModel }): JSX.Element {
	const before = room.call.room.value?.title ?? "";
	const [title, setTitle] = useState(before);
	return (
		<form
			class={styles.title}
			onSubmit={(event) => {
				event.preventDefault();
				void attempt(room.call.setTitle(title.trim()), "Renamed");
			}}
		>
			<TextField
				id="call-title"
				label="Title"
				placeholder="What this call is about"
				maxLength={CALL_LIMITS.titleLength}
				value={title}
				onInput={(event) => setTitle(event.currentTarget.value)}
			/>
			<button type="submit" class={controls.button} disabled={title.trim() === before}>
				Save
			</button>
		</form>
	);
}
