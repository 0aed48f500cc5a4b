import type { JSX, TargetedSubmitEvent } from "preact";
import { useState } from "preact/hooks";
import { findUser, putContact } from "../../protocol/contact.ts";
import { session } from "../account/session.ts";
import { ApiError, call } from "../shell/api.ts";
import controls from "../shell/controls.module.css";
import { describeFailure } from "../shell/failure.ts";
import { TextField } from "../shell/form-field.tsx";
import { Icon } from "../shell/icons.tsx";
import { isOnline } from "../shell/online.ts";
import { notify } from "../shell/toasts.tsx";
import styles from "./contacts.module.css";

/** Adds somebody by their exact user name. */
export function AddContact({ reload }: { reload: () => void }): JSX.Element {
	const [name, setName] = useState("");
	const [fault, setFault] = useState<string | null>(null);
	const [isBusy, setBusy] = useState(false);
	async function submit(event: TargetedSubmitEvent<HTMLFormElement>): Promise<void> {
		event.preventDefault();
		setBusy(true);
		const trouble = await addByName(name);
		setFault(trouble);
		setBusy(false);
		if (trouble !== null) return;
		setName("");
		reload();
	}
	return (
		<form class={styles.add} onSubmit={(event) => void submit(event)} noValidate>
			<TextField
				id="add-contact"
				label="Add somebody"
				placeholder="Their exact user name"
				autocomplete="off"
				autocapitalize="none"
				spellcheck={false}
				maxLength={33}
				value={name}
				fault={fault ?? undefined}
				onInput={(event) => {
					setName(event.currentTarget.value);
					setFault(null);
				}}
			/>
			<button type="submit" class={controls.button} disabled={isBusy || name.trim() === ""}>
				{isBusy ? <span class={controls.spinner} aria-hidden="true" /> : <Icon name="userPlus" size={18} />}
				Add
			</button>
		</form>
	);
}

/** Null when the request is on its way, else what is wrong. */
async function addByName(typed: string): Promise<string | null> {
	const userName = typed.trim().replace(/^@/, "").toLowerCase();
	try {
		const { items } = await call(findUser, { query: { userName } });
		const [user] = items;
		if (user === undefined)
			return `There is nobody called “${userName}”. Ask them for their exact user name.`;
		if (session.value.kind === "signed-in" && session.value.user.userID === user.userID) {
			return "That is you.";
		}
		const { state } = await call(putContact, {
			params: { userID: user.userID },
			body: { state: "accepted" },
		});
		notify(
			state === "accepted"
				? `${user.displayName} is a contact now`
				: `${user.displayName} will see that you want to be in contact`,
		);
		return null;
	} catch (error) {
		if (error instanceof ApiError && error.problem.code === "blocked-by-user") {
			return "This person takes no requests from you.";
		}
		const { title, whatHappened } = describeFailure(error, isOnline.value);
		return `${title}. ${whatHappened}`;
	}
}
