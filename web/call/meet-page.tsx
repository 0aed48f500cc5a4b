import type { JSX } from "preact";
import { useEffect, useMemo, useState } from "preact/hooks";
import { useLocation, useRoute } from "preact-iso";
import { getCall } from "../../protocol/call.ts";
import { JoinCode } from "../../protocol/ids.ts";
import { session } from "../account/session.ts";
import { call } from "../shell/api.ts";
import { FailurePage } from "../shell/failure-panel.tsx";
import { type Resource, useResource } from "../shell/resource.ts";
import type { EndingReason } from "./ending.ts";
import type { CallSession } from "./engine/call-session.ts";
import { type JoinIntent, takeJoinIntent } from "./join-intent.ts";
import { keepLastCall } from "./last-call.ts";
import { type CallFacts, Lobby } from "./lobby/lobby.tsx";
import { WaitingRoom } from "./lobby/waiting-room.tsx";
import { Meeting, type MeetingStep, refusalOf } from "./meeting.ts";
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
	}, [parsed.success, code, route]);
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
		if (intent !== null && name !== "") void meeting.joinNow(name, intent.kind);
		return () => meeting.dispose();
	}, [meeting, intent]);
	useEnding(code, step, facts);
	if (step.name === "inside") return <Inside meeting={meeting} entered={step.call} intent={intent} />;
	if (facts.failure !== null && facts.value === undefined && refusalOf(facts.failure) === null) {
		return <FailurePage error={facts.failure} retry={facts.reload} />;
	}
	return <Lobby meeting={meeting} facts={facts} />;
}

/** When it is over, or never began: on to the page that says why. */
function useEnding(code: JoinCode, step: MeetingStep, facts: Resource<CallFacts>): void {
	const { route } = useLocation();
	const refusal = step.name === "inside" || facts.failure === null ? null : refusalOf(facts.failure);
	const reason = step.name === "over" ? step.reason : refusal;
	useEffect(() => {
		if (reason === null) return;
		const startedAt = step.name === "over" ? step.startedAt : null;
		const known = facts.value;
		const durationMs = startedAt === null ? null : Date.now() - startedAt;
		void endingOf(reason, known).then((ending) => {
			keepLastCall({
				code,
				title: (step.name === "over" ? step.title : null) ?? known?.title ?? "",
				reason: ending,
				durationMs,
				other: calledOne(known),
				kind: known?.kind ?? "video",
			});
			route(`/meet/${code}/end`, true);
		});
	}, [reason, code, route]);
}

/** "Declined" may mean that the other one talks to somebody else; the invitation knows. */
async function endingOf(reason: EndingReason, facts: CallFacts | undefined): Promise<EndingReason> {
	if (reason !== "declined" || facts === undefined) return reason;
	try {
		const { invitations } = await call(getCall, { params: { callID: facts.callID } });
		return invitations.some((invitation) => invitation.state === "busy") ? "busy" : reason;
	} catch {
		// Then it stays with what is certain.
		return reason;
	}
}

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
