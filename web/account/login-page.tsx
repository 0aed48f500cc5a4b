import type { JSX, TargetedSubmitEvent } from "preact";
import { useEffect, useState } from "preact/hooks";
import { useLocation } from "preact-iso";
import { login, register } from "../../protocol/account.ts";
import { call } from "../shell/api.ts";
import controls from "../shell/controls.module.css";
import { type FormFaults, faultsOf, NO_FAULTS } from "../shell/field-faults.ts";
import { TextField } from "../shell/form-field.tsx";
import { usePageTitle } from "../shell/page-title.ts";
import styles from "./login-page.module.css";
import { returnPath } from "./login-path.ts";
import { session, signIn } from "./session.ts";

type Door = "sign-in" | "register";

/** Codes of errors that have no pointer, by the field they are about. */
const FIELD_OF_CODE = { "user-name-taken": "userName" };

/** `/login`: sign in or register, then back to where one was (`?next=`). */
export function LoginPage(): JSX.Element {
	const { query, route } = useLocation();
	const [door, setDoor] = useState<Door>(query.new === undefined ? "sign-in" : "register");
	// Kept from the start: while the next page loads, this one sees the next page's address.
	const [next] = useState(() => returnPath(query.next));
	const isIn = session.value.kind === "signed-in";
	usePageTitle(door === "sign-in" ? "Sign in" : "Make an account");
	useEffect(() => {
		if (isIn) route(next, true);
	}, [isIn, next, route]);
	return (
		<div class={styles.page}>
			<div class={styles.card}>
				<h1 class={styles.title}>{door === "sign-in" ? "Welcome back" : "Take the stand"}</h1>
				<p class={styles.lead}>
					{door === "sign-in"
						? "Sign in to chat and to go live."
						: "An account lets you chat and go live. Watching never needs one."}
				</p>
				<DoorSwitch door={door} choose={setDoor} />
				<AccountForm key={door} door={door} />
			</div>
		</div>
	);
}

function DoorSwitch({ door, choose }: { door: Door; choose: (door: Door) => void }): JSX.Element {
	return (
		<fieldset class={`${controls.segmented} ${styles.doors}`} aria-label="Sign in or make an account">
			{(["sign-in", "register"] as const).map((each) => (
				<button
					key={each}
					type="button"
					class={controls.segment}
					aria-pressed={each === door}
					data-on={each === door}
					onClick={() => choose(each)}
				>
					{each === "sign-in" ? "Sign in" : "New here"}
				</button>
			))}
		</fieldset>
	);
}

function AccountForm({ door }: { door: Door }): JSX.Element {
	const [faults, setFaults] = useState<FormFaults>(NO_FAULTS);
	const [isBusy, setBusy] = useState(false);
	async function submit(event: TargetedSubmitEvent<HTMLFormElement>): Promise<void> {
		event.preventDefault();
		const form = event.currentTarget;
		setBusy(true);
		setFaults(NO_FAULTS);
		try {
			await enter(door, new FormData(form));
		} catch (error) {
			setFaults(faultsOf(error, FIELD_OF_CODE));
			setBusy(false);
			requestAnimationFrame(() => form.querySelector<HTMLElement>("[aria-invalid='true']")?.focus());
		}
	}
	return (
		<form class={styles.form} onSubmit={(event) => void submit(event)} noValidate>
			{door === "sign-in" ? <SignInFields faults={faults} /> : <RegisterFields faults={faults} />}
			{faults.form === null ? null : (
				<p class={controls.fault} role="alert">
					{faults.form}
				</p>
			)}
			<button type="submit" class={`${controls.primary} ${controls.large}`} disabled={isBusy}>
				{isBusy ? <span class={controls.spinner} aria-hidden="true" /> : null}
				{door === "sign-in" ? "Sign in" : "Make the account"}
			</button>
		</form>
	);
}

function SignInFields({ faults }: { faults: FormFaults }): JSX.Element {
	return (
		<>
			<TextField
				id="account-name"
				name="userName"
				label="User name or e-mail"
				autocomplete="username"
				autocapitalize="none"
				spellcheck={false}
				required
				fault={faults.fields.userName ?? faults.fields.email}
			/>
			<PasswordField autocomplete="current-password" fault={faults.fields.password} />
		</>
	);
}

function RegisterFields({ faults }: { faults: FormFaults }): JSX.Element {
	return (
		<>
			<TextField
				id="account-name"
				name="userName"
				label="User name"
				hint="3 to 32 of a–z, 0–9 and _"
				autocomplete="username"
				autocapitalize="none"
				spellcheck={false}
				required
				fault={faults.fields.userName}
			/>
			<TextField
				id="account-display-name"
				name="displayName"
				label="Name that others see (optional)"
				autocomplete="nickname"
				fault={faults.fields.displayName}
			/>
			<PasswordField
				autocomplete="new-password"
				hint="At least 10 characters. Let your password manager make one."
				fault={faults.fields.password}
			/>
		</>
	);
}

function PasswordField({
	autocomplete,
	hint,
	fault,
}: {
	autocomplete: "current-password" | "new-password";
	hint?: string;
	fault: string | undefined;
}): JSX.Element {
	const [isShown, setShown] = useState(false);
	return (
		<div class={styles.password}>
			<TextField
				id="account-password"
				name="password"
				label="Password"
				type={isShown ? "text" : "password"}
				autocomplete={autocomplete}
				required
				{...(hint === undefined ? {} : { hint })}
				fault={fault}
			/>
			<button type="button" class={styles.show} aria-pressed={isShown} onClick={() => setShown(!isShown)}>
				{isShown ? "Hide" : "Show"}
				<span class="visually-hidden"> the password</span>
			</button>
		</div>
	);
}

async function enter(door: Door, data: FormData): Promise<void> {
	const name = text(data, "userName").trim();
	const password = text(data, "password");
	if (door === "sign-in") {
		const who = name.includes("@") ? { email: name } : { userName: name.toLowerCase() };
		return signIn(await call(login, { body: { ...who, password } }));
	}
	const displayName = text(data, "displayName").trim();
	const body = { userName: name, password, ...(displayName === "" ? {} : { displayName }) };
	return signIn(await call(register, { body }));
}

function text(data: FormData, name: string): string {
	const value = data.get(name);
	return typeof value === "string" ? value : "";
}
