import type { JSX, TargetedSubmitEvent } from "preact";
import { useState } from "preact/hooks";
import { useLocation } from "preact-iso";
import controls from "../../shell/controls.module.css";
import { TextField } from "../../shell/form-field.tsx";
import { codeIn } from "./call-link.ts";
import styles from "./invite.module.css";

/** For a code that was read out, or a link that was sent as text. Needs no account. */
export function JoinByCode(): JSX.Element {
	const { route } = useLocation();
	const [text, setText] = useState("");
	const [isWrong, setWrong] = useState(false);
	function join(event: TargetedSubmitEvent<HTMLFormElement>): void {
		event.preventDefault();
		const code = codeIn(text);
		setWrong(code === null);
		if (code !== null) route(`/meet/${code}`);
	}
	return (
		<form class={styles.byCode} onSubmit={join} noValidate>
			<TextField
				id="join-code"
				label="Join with a code or link"
				placeholder="abc-defg-hjk"
				autocomplete="off"
				autocapitalize="none"
				spellcheck={false}
				value={text}
				fault={isWrong ? "That is no code of a call. It looks like abc-defg-hjk." : undefined}
				onInput={(event) => {
					setText(event.currentTarget.value);
					setWrong(false);
				}}
			/>
			<button type="submit" class={controls.button} disabled={text.trim() === ""}>
				Join
			</button>
		</form>
	);
}
