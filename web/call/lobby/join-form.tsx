import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { ApiError } from "../../shell/api.ts";
import controls from "../../shell/controls.module.css";
import { describeFailure } from "../../shell/failure.ts";
import { TextField } from "../../shell/form-field.tsx";
import { Icon } from "../../shell/icons.tsx";
import { isOnline } from "../../shell/online.ts";
import type { Meeting } from "../meeting.ts";
import styles from "./lobby.module.css";

const LONGEST_NAME = 64;

/** Name and door. */
export function JoinForm({
	meeting,
	name,
	setName,
	isCrowded,
	mustKnock,
	signInPath,
}: {
	meeting: Meeting;
	name: string;
	setName: (name: string) => void;
	isCrowded: boolean;
	mustKnock: boolean;
	/** Null for those who are signed in. */
	signInPath: string | null;
}): JSX.Element {
	const [isMissing, setMissing] = useState(false);
	const isEntering = meeting.step.value.name === "entering";
	const isUnnamed = name.trim() === "";
	function join(event: Event): void {
		event.preventDefault();
		setMissing(isUnnamed);
		if (isUnnamed) document.getElementById("join-name")?.focus();
		else void meeting.join(name.trim());
	}
	return (
		<form class={styles.join} onSubmit={join} noValidate>
			<TextField
				id="join-name"
				name="displayName"
				label="Your name"
				placeholder="How others see you"
				autocomplete="nickname"
				maxLength={LONGEST_NAME}
				value={name}
				fault={isMissing && isUnnamed ? "Type a name, so that others know who you are." : undefined}
				onInput={(event) => setName(event.currentTarget.value)}
			/>
			<JoinFault failure={meeting.failure.value} />
			<button type="submit" class={`${controls.primary} ${controls.large}`} disabled={isEntering}>
				{isEntering ? <span class={controls.spinner} aria-hidden="true" /> : null}
				{joinLabel(isEntering, mustKnock)}
			</button>
			<p class={styles.how}>
				<Icon name={mustKnock ? "door" : "info"} size={16} />
				<span>{howOneJoins(meeting, isCrowded, mustKnock)}</span>
			</p>
			{signInPath === null ? null : (
				<p class={styles.account}>
					You join as a guest. <a href={signInPath}>Sign in</a> to be known by your account.
				</p>
			)}
		</form>
	);
}

function joinLabel(isEntering: boolean, mustKnock: boolean): string {
	if (isEntering) return "Joining…";
	return mustKnock ? "Ask to join" : "Join now";
}

/** Says what others will see and hear, in one sentence. */
function howOneJoins({ media }: Meeting, isCrowded: boolean, mustKnock: boolean): string {
	const knock = mustKnock ? "The host lets people in one by one. " : "";
	if (isCrowded && !media.isMicOn.value) return `${knock}Many are inside: you come in muted.`;
	const mic = media.isMicOn.value ? "heard" : null;
	const cam = media.isCamOn.value ? "seen" : null;
	const both = [cam, mic].filter((word) => word !== null).join(" and ");
	if (both !== "") return `${knock}You will be ${both} at once.`;
	return `${knock}You come in without picture and sound. You can switch them on any time.`;
}

function JoinFault({ failure }: { failure: unknown }): JSX.Element | null {
	if (failure === null) return null;
	const { title, whatHappened, whatYouCanDo } = describeFailure(failure, isOnline.value);
	const isGuestless = failure instanceof ApiError && failure.problem.code === "guests-disabled";
	return (
		<p class={controls.fault} role="alert">
			{isGuestless
				? "This server takes no guests: sign in to join."
				: `${title}. ${whatHappened} ${whatYouCanDo}`}
		</p>
	);
}
