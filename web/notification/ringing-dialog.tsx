import type { JSX } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { useLocation } from "preact-iso";
import type { CallKind } from "../../protocol/call.ts";
import type { RingingCall } from "../../protocol/notification.ts";
import { session } from "../account/session.ts";
import { Avatar } from "../call/avatar.tsx";
import { intendToJoin } from "../call/join-intent.ts";
import { ring } from "../call/ring.ts";
import { ApiError } from "../shell/api.ts";
import { describeFailure } from "../shell/failure.ts";
import { Icon } from "../shell/icons.tsx";
import { isOnline } from "../shell/online.ts";
import { notify } from "../shell/toasts.tsx";
import { answerRinging, onSettled, ringing } from "./notifications.ts";
import styles from "./ringing-dialog.module.css";
import { startRingtone } from "./ringtone.ts";

/** Somebody calls: on every page, above everything, until it is answered here or elsewhere. */
export function RingingDialog(): JSX.Element {
	const first = ringing.value[0];
	useMissedCalls();
	return <>{first === undefined ? null : <Ringing key={first.callID} call={first} />}</>;
}

function Ringing({ call }: { call: RingingCall }): JSX.Element {
	const { route } = useLocation();
	const card = useRef<HTMLDivElement>(null);
	const { displayName } = call.from;
	useEffect(startRingtone, []);
	useTitleFlash(`${displayName} is calling…`);
	useEffect(() => {
		// Whoever is typing goes on typing; everybody else finds the answer under their fingers.
		const isTyping = document.activeElement?.matches("input, textarea, select") ?? false;
		if (!isTyping) card.current?.focus();
		// The page of the call is there before it is asked for.
		void import("../call/meet-page.tsx");
	}, []);
	return (
		<div
			ref={card}
			class={styles.card}
			role="alertdialog"
			aria-labelledby="ringing-name"
			aria-describedby="ringing-kind"
			tabIndex={-1}
			data-testid="ringing"
		>
			<span class={styles.face}>
				<Avatar userID={call.from.userID} name={displayName} size={56} />
			</span>
			<div class={styles.words}>
				<p id="ringing-name" class={styles.name}>
					{displayName}
				</p>
				<p id="ringing-kind" class={styles.kind}>
					{call.kind === "video" ? "Video call" : "Audio call"}
					{call.title === "" ? "" : ` · ${call.title}`}
				</p>
			</div>
			<div class={styles.answers}>
				<button type="button" class={styles.decline} onClick={() => void decline(call)}>
					<Icon name="phoneDown" />
					Decline
				</button>
				<button type="button" class={styles.audio} onClick={() => accept(call, "audio", route)}>
					<Icon name="phone" />
					{call.kind === "video" ? "Audio" : "Answer"}
				</button>
				{call.kind === "audio" ? null : (
					<button type="button" class={styles.accept} onClick={() => accept(call, "video", route)}>
						<Icon name="camera" />
						Answer
					</button>
				)}
			</div>
		</div>
	);
}

/** Goes into the call while the answer is under way: every tenth of a second counts. */
function accept(call: RingingCall, kind: CallKind, route: (url: string) => void): void {
	const answer = answerRinging(call, "accepted");
	intendToJoin({ code: call.code, callID: call.callID, kind, answer });
	// The page of the call awaits it; one that is never reached must not leave it unheard.
	answer.catch(() => undefined);
	route(`/meet/${call.code}`);
}

async function decline(call: RingingCall): Promise<void> {
	try {
		await answerRinging(call, "declined");
	} catch (error) {
		notify(refusalWords(error, call.from.displayName), "bad");
	}
}

function refusalWords(error: unknown, name: string): string {
	if (error instanceof ApiError && error.problem.code === "already-answered") {
		return "Already answered on another device.";
	}
	if (error instanceof ApiError && error.problem.code === "call-ended") {
		return `${name} has hung up.`;
	}
	const { title, whatHappened } = describeFailure(error, isOnline.value);
	return `${title}. ${whatHappened}`;
}

/** The title of the page calls out, for those who look at another tab. */
function useTitleFlash(text: string): void {
	useEffect(() => {
		const before = document.title;
		let isOn = true;
		document.title = `☎ ${text}`;
		const timer = setInterval(() => {
			isOn = !isOn;
			document.title = isOn ? `☎ ${text}` : before;
		}, 1000);
		return () => {
			clearInterval(timer);
			// A page that was opened meanwhile has named itself.
			if (document.title.startsWith("☎") || document.title === before) document.title = before;
		};
	}, [text]);
}

/** A call that nobody took is said once, with the way back. */
function useMissedCalls(): void {
	const { route } = useLocation();
	const known = useRef(new Map<string, RingingCall>());
	for (const call of ringing.value) known.current.set(call.callID, call);
	useEffect(
		() =>
			onSettled((settled) => {
				const call = known.current.get(settled.callID);
				if (call === undefined) return;
				const isOwn = session.value.kind === "signed-in" && session.value.user.userID === settled.userID;
				const isMissed = settled.t === "call.missed" || settled.t === "call.cancelled";
				known.current.delete(settled.callID);
				if (!isOwn || !isMissed) return;
				notify(`Missed call from ${call.from.displayName}`, "plain", {
					label: "Call back",
					run: () => void ring(call.from.userID, call.kind, route),
				});
			}),
		[route],
	);
}
