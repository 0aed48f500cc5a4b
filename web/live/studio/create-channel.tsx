import type { JSX, TargetedSubmitEvent } from "preact";
import { useState } from "preact/hooks";
import { createChannel } from "../../../protocol/channel.ts";
import { loadMe, session } from "../../account/session.ts";
import { call } from "../../shell/api.ts";
import controls from "../../shell/controls.module.css";
import { type FormFaults, faultsOf, NO_FAULTS } from "../../shell/field-faults.ts";
import { describedBy, FieldNotes, TextField } from "../../shell/form-field.tsx";
import styles from "./studio.module.css";

const FIELD_OF_CODE = { "handle-taken": "handle" };

/** The first visit: the channel that streams will stand on. */
export function CreateChannel(): JSX.Element {
	const user = session.value.kind === "signed-in" ? session.value.user : null;
	const [handle, setHandle] = useState(user?.userName.slice(0, 30) ?? "");
	const [name, setName] = useState(user?.displayName ?? "");
	const [description, setDescription] = useState("");
	const [faults, setFaults] = useState<FormFaults>(NO_FAULTS);
	const [isBusy, setBusy] = useState(false);
	async function submit(event: TargetedSubmitEvent<HTMLFormElement>): Promise<void> {
		event.preventDefault();
		setBusy(true);
		setFaults(NO_FAULTS);
		try {
			await call(createChannel, { body: { handle: handle.trim(), name: name.trim(), description } });
			await loadMe();
		} catch (error) {
			setFaults(faultsOf(error, FIELD_OF_CODE));
			setBusy(false);
		}
	}
	return (
		<div class={styles.form}>
			<h1>Name your channel</h1>
			<p class={styles.lead}>This is the page that people find you on. One minute, once.</p>
			<form onSubmit={(event) => void submit(event)} noValidate>
				<TextField
					id="channel-handle"
					name="handle"
					label="Handle"
					hint={`Your address: ${location.host}/@${handle === "" ? "…" : handle}`}
					autocapitalize="none"
					spellcheck={false}
					autocomplete="off"
					value={handle}
					onInput={(event) => setHandle(event.currentTarget.value.toLowerCase())}
					fault={faults.fields.handle}
				/>
				<TextField
					id="channel-name"
					name="name"
					label="Name"
					autocomplete="off"
					value={name}
					onInput={(event) => setName(event.currentTarget.value)}
					fault={faults.fields.name}
				/>
				<div class={controls.field}>
					<label class={controls.label} for="channel-description">
						What is it about? (optional)
					</label>
					<textarea
						id="channel-description"
						class={controls.input}
						rows={3}
						value={description}
						aria-describedby={describedBy("channel-description", undefined, faults.fields.description)}
						onInput={(event) => setDescription(event.currentTarget.value)}
					/>
					<FieldNotes id="channel-description" fault={faults.fields.description} />
				</div>
				{faults.form === null ? null : (
					<p class={controls.fault} role="alert">
						{faults.form}
					</p>
				)}
				<button type="submit" class={`${controls.primary} ${controls.large}`} disabled={isBusy}>
					{isBusy ? <span class={controls.spinner} aria-hidden="true" /> : null}
					Make the channel
				</button>
			</form>
		</div>
	);
}
