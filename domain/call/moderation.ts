import { CALL_LIMITS, type updateCall, type updateParticipant } from "../../protocol/call.ts";
import type { EndpointParsed } from "../../protocol/endpoint.ts";
import type { UserID } from "../../protocol/ids.ts";
import { SIGNAL_CLOSE } from "../../protocol/signal.ts";
import type { Refusal } from "./admission.ts";
import type { Call } from "./call.ts";
import type { CallEffect } from "./effects.ts";
import { type CallFacts, type Member, roleOf } from "./member.ts";

export type ParticipantChange = EndpointParsed<typeof updateParticipant>["body"];
export type RoomChange = EndpointParsed<typeof updateCall>["body"];
export type Judgement = { ok: true; effects: CallEffect[] } | ({ ok: false } & Refusal);

/** Who orders: their user, and the name that others are shown. */
export interface Moderator {
	userID: UserID;
	displayName: string;
	now: number;
}

/** A change of one participant. Hosts and co-hosts may mute others and never unmute them; only the host changes ranks. */
export function changeParticipant(
	call: Call,
	by: Moderator,
	order: { member: Member; change: ParticipantChange },
): Judgement {
	const { member, change } = order;
	const refusal = judge(call.facts, by, order);
	if (refusal) return refusal;
	const isEntering = change.admitted === true && member.state === "waiting";
	if (isEntering && call.roster.joinedIDs().length >= CALL_LIMITS.participants)
		return { ok: false, code: "full", detail: "Somebody has to leave before another one can be let in." };
	const effects: CallEffect[] = [];
	if (change.role !== undefined)
		effects.push(...changeRole(call, member, { role: change.role, now: by.now }));
	if (change.displayName !== undefined) effects.push(...rename(call, member, change.displayName));
	if (change.muted !== undefined) effects.push(...mute(call, by, { member, muted: change.muted }));
	if (change.admitted !== undefined && member.state === "waiting") {
		effects.push(...(change.admitted ? call.enter(member, by.now) : turnAway(call, member, by.now)));
	}
	return { ok: true, effects };
}

/** Leaving, or being removed by a host: then for good. */
export function removeMember(call: Call, by: Moderator, member: Member): Judgement {
	if (by.userID === member.userID) {
		return { ok: true, effects: call.leave(member.participantID, "left", by.now) };
	}
	if (rank(call.facts, by.userID) <= rank(call.facts, member.userID))
		return notAllowed("Only a host removes people.");
	const removedIDs = [...new Set([...call.facts.removedIDs, member.userID])];
	// With the place goes the rank, which would have power from outside too.
	const cohostIDs = call.facts.cohostIDs.filter((userID) => userID !== member.userID);
	return {
		ok: true,
		effects: [
			...call.changeFacts({ removedIDs, cohostIDs }, by.now),
			...call.roster
				.ofUser(member.userID)
				.flatMap(({ participantID }): CallEffect[] => [
					{ do: "send", to: participantID, frame: { t: "kicked", reason: "removed" } },
					{ do: "close", participantID, code: SIGNAL_CLOSE.notAllowed, reason: "removed by a host" },
					...call.leave(participantID, "kicked", by.now),
				]),
		],
	};
}

/** Title, lock and access belong to hosts and co-hosts, the end to the host. */
export function changeRoom(call: Call, by: Moderator, change: RoomChange): Judgement {
	const own = rank(call.facts, by.userID);
	if (own === 0 || (change.state === "ended" && own < 2)) return notAllowed("This is for the host to do.");
	if (change.state === "ended") return { ok: true, effects: call.end("host", by.now) };
	const { title, isLocked, access } = change;
	const facts: Partial<CallFacts> = {
		...(title === undefined ? {} : { title }),
		...(isLocked === undefined ? {} : { isLocked }),
		...(access === undefined ? {} : { access }),
	};
	return { ok: true, effects: call.changeFacts(facts, by.now) };
}

function judge(
	facts: CallFacts,
	by: Moderator,
	{ member, change }: { member: Member; change: ParticipantChange },
): ({ ok: false } & Refusal) | null {
	const isSelf = by.userID === member.userID;
	const own = rank(facts, by.userID);
	if (!isSelf && own === 0) return notAllowed("This is for a host to do.");
	if (change.role !== undefined && own < 2) return notAllowed("Only the host gives ranks.");
	if (change.role === "host" && member.isGuest) return notAllowed("A host has an account.");
	if (change.admitted !== undefined && own === 0) return notAllowed("Only a host lets people in.");
	if (change.displayName !== undefined && !isSelf) return notAllowed("Everybody names themselves.");
	if (!isSelf && Object.values(change.muted ?? {}).some((muted) => muted === false)) {
		return {
			ok: false,
			code: "cannot-unmute-others",
			detail: "Nobody can be unmuted by others. Ask them to.",
		};
	}
	return null;
}

function mute(
	call: Call,
	by: Moderator,
	{ member, muted }: { member: Member; muted: NonNullable<ParticipantChange["muted"]> },
): CallEffect[] {
	const effects: CallEffect[] = [];
	const media = { ...member.media };
	for (const source of ["mic", "cam", "screen"] as const) {
		const isMuted = muted[source];
		if (isMuted === undefined || media[source] === !isMuted) continue;
		media[source] = !isMuted;
		if (isMuted && by.userID !== member.userID) {
			effects.push({
				do: "send",
				to: member.participantID,
				frame: { t: "mute", source, by: by.displayName },
			});
		}
	}
	return [...effects, ...call.update(member.participantID, { media })];
}

function changeRole(
	call: Call,
	member: Member,
	{ role, now }: { role: NonNullable<ParticipantChange["role"]>; now: number },
): CallEffect[] {
	const { facts } = call;
	const { userID, displayName } = member;
	const others = facts.cohostIDs.filter((id) => id !== userID);
	if (userID === facts.hostID) return [];
	if (role === "host") {
		const change = { hostID: userID, hostName: displayName, cohostIDs: [...others, facts.hostID] };
		return [
			...call.changeFacts(change, now),
			...call.roster.roleChanged(facts.hostID),
			...call.roster.roleChanged(userID),
		];
	}
	return [
		...call.changeFacts({ cohostIDs: role === "cohost" ? [...others, userID] : others }, now),
		...call.roster.roleChanged(userID),
	];
}

function rename(call: Call, member: Member, displayName: string): CallEffect[] {
	return call.update(member.participantID, { displayName });
}

function turnAway(call: Call, { participantID }: Member, now: number): CallEffect[] {
	return [
		{ do: "send", to: participantID, frame: { t: "kicked", reason: "denied" } },
		{ do: "close", participantID, code: SIGNAL_CLOSE.notAllowed, reason: "not let in" },
		...call.leave(participantID, "denied", now),
	];
}

function rank(facts: CallFacts, userID: UserID): 0 | 1 | 2 {
	return ({ member: 0, cohost: 1, host: 2 } as const)[roleOf(facts, userID)];
}

function notAllowed(detail: string): { ok: false } & Refusal {
	return { ok: false, code: "forbidden", detail };
}
