import type { JSX } from "preact";
import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import { useLocation, useRoute } from "preact-iso";
import { type CallState, getCall } from "../../protocol/call.ts";
import { type CallID, JoinCode } from "../../protocol/ids.ts";
import { session } from "../account/session.ts";
import { call } from "../shell/api.ts";
import controls from "../shell/controls.module.css";
import { FailurePage } from "../shell/failure-panel.tsx";
import { useImmersive } from "../shell/immersive.ts";
import { type Resource, useResource } from "../shell/resource.ts";
import type { EndingReason } from "./ending.ts";
import type { CallSession } from "./engine/call-session.ts";
import { type JoinIntent, takeJoinIntent } from "./join-intent.ts";
import { keepLastCall } from "./last-call.ts";
import { type CallFacts, Lobby } from "./lobby/lobby.tsx";
import { WaitingRoom } from "./lobby/waiting-room.tsx";
import { Meeting, refusalOf } from "./meeting.ts";
import styles from "./notice.module.css";
import { RealtimeKitRoom } from "./realtime-kit-room.tsx";
import { Room } from "./room/room.tsx";

/** How often the lobby looks who is inside, ms. */
const LOOK_EVERY_MS = 5000;

/** `/meet/:code`: the lobby, then the call, then away to the end page. */
export function MeetPage(): JSX.Element | null {
	const { code } = useRoute().params;
	const { route } = useLocation();
	const parsed = JoinCode.safeParse(code);
	useEffect(() => {
		if (!parsed.success) route(`/meet/${encodeURIComponent(code ?? "")}/end?reason=not-found`, true);
	}, [parsed.success, code]);
	// Who one is decides how one joins; it is known within a moment.
	if (!parsed.success || session.value.kind === "unknown") return null;
	return <Visit key={parsed.data} code={parsed.data} />;
}

function Visit({ code }: { code: JoinCode }): JSX.Element {
	const [intent] = useState<JoinIntent | null>(() => takeJoinIntent(code));
	const meeting = useMemo(() => new Meeting(code), [code]);
	const step = meeting.step.value;
	const facts = useResource<CallFacts>(
		`call ${code}`,
		(signal) => call(getCall, { params: { callID: code } }, { signal }),
		step.name === "inside" ? {} : { everyMs: LOOK_EVERY_MS },
	);
	useEffect(() => {
		const name = session.value.kind === "signed-in" ? session.value.user.displayName : "";
		if (intent !== null && name !== "") void meeting.joinNow(name, intent);
		return () => meeting.dispose();
	}, [meeting, intent]);
	useEnding(meeting, facts, intent);
	if (step.name === "inside") return <Inside meeting={meeting} entered={step.call} intent={intent} />;
	if (step.name === "kit") {
		return <RealtimeKitRoom place={step.place} devices={step.devices} onLeave={() => meeting.leaveKit()} />;
	}
	if (facts.failure !== null && facts.value === undefined && refusalOf(facts.failure) === null) {
		return <FailurePage error={facts.failure} retry={facts.reload} />;
	}
	// Who has pressed "call" or "answer" is on the way in, without a stop.
	const isOnTheWay = intent !== null && meeting.failure.value === null && session.value.kind === "signed-in";
	return isOnTheWay ? <Entering /> : <Lobby meeting={meeting} facts={facts} />;
}

function Entering(): JSX.Element {
	useImmersive(true);
	return (
		<div class={styles.notice} role="status">
			<span class={controls.spinner} aria-hidden="true" />
			<p>Connecting…</p>
		</div>
	);
}

/** When it is over, or never began: on to the page that says why. */
function useEnding(meeting: Meeting, facts: Resource<CallFacts>, intent: JoinIntent | null): void {
	const { route } = useLocation();
	const isLeaving = useRef(false);
	const { code } = meeting;
	const step = meeting.step.value;
	const refusal = step.name === "inside" || facts.failure === null ? null : refusalOf(facts.failure);
	const reason = step.name === "over" ? step.reason : refusal;
	useEffect(() => {
		if (reason === null || isLeaving.current) return;
		isLeaving.current = true;
		const { startedAt, title } = step.name === "over" ? step : { startedAt: null, title: null };
		const durationMs = startedAt === null ? null : Date.now() - startedAt;
		const known = facts.value;
		const callID = known?.callID ?? intent?.callID;
		const isUnansweredRing = intent !== null && startedAt === null;
		void howItWent({ reason, isUnansweredRing, callID, known }).then((outcome) => {
			keepLastCall({
				code,
				title: title ?? outcome.known?.title ?? "",
				reason: outcome.ending,
				durationMs,
				other: calledOne(outcome.known),
				kind: outcome.known?.kind ?? "video",
			});
			route(`/meet/${code}/end`, true);
		});
	}, [reason, code]);
}

interface Outcome {
	ending: EndingReason;
	known: CallFacts | undefined;
}

/**
 * "Declined" may mean that the other one talks to somebody else; and when a ring was answered before we were inside, all that
 * we see is a call that is over. The call itself knows more.
 */
async function howItWent({
	reason,
	isUnansweredRing,
	callID,
	known,
}: {
	reason: EndingReason;
	/** We rang, and never got inside. */
	isUnansweredRing: boolean;
	callID: CallID | undefined;
	known: CallFacts | undefined;
}): Promise<Outcome> {
	const mayBeMore = reason === "declined" || (isUnansweredRing && reason !== "left");
	if (!mayBeMore || callID === undefined) return { ending: reason, known };
	try {
		const facts = await call(getCall, { params: { callID } });
		const isBusy =
			facts.state === "declined" && facts.invitations.some((invitation) => invitation.state === "busy");
		return { ending: isBusy ? "busy" : (ENDINGS[facts.state] ?? reason), known: facts };
	} catch {
		// Then it stays with what is certain.
		return { ending: reason, known };
	}
}

const ENDINGS: Partial<Record<CallState, EndingReason>> = {
	declined: "declined",
	missed: "missed",
	cancelled: "cancelled",
};

function Inside({
	meeting,
	entered,
	intent,
}: {
	meeting: Meeting;
	entered: CallSession;
	intent: JoinIntent | null;
}): JSX.Element {
	if (entered.phase.value.name === "lobby") return <WaitingRoom meeting={meeting} entered={entered} />;
	return <Room meeting={meeting} entered={entered} intent={intent} />;
}

/** The one person who was rung, if it was one. */
function calledOne(facts: CallFacts | undefined): { userID: string; displayName: string } | null {
	const [only, ...others] = facts?.invitations ?? [];
	return only === undefined || others.length > 0 ? null : only;
}
