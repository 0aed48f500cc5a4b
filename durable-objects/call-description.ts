import type { CallRow } from "../adapters/database/call-table.ts";
import type { Call } from "../domain/call/call.ts";
import type { Invitation, Topology } from "../protocol/call.ts";
import type { UserID } from "../protocol/ids.ts";

/** A call as its room sees it just now, for the catalogue's pages. */
export interface CallDescription {
	state: CallRow["state"];
	title: string;
	access: CallRow["access"];
	isLocked: boolean;
	isEnded: boolean;
	topology: Topology;
	participantCount: number;
	startedAt: number | null;
	endedAt: number | null;
	hostID: UserID;
	hostName: string;
	inside: { userID: UserID; displayName: string }[];
	invitations: Invitation[];
}

export function describeCall({ facts, roster, topology }: Call, invitations: Invitation[]): CallDescription {
	const joined = roster.joined();
	const { state, title, access, isLocked, startedAt, endedAt, hostID, hostName } = facts;
	return {
		state,
		title,
		access,
		isLocked,
		isEnded: endedAt !== null,
		topology,
		participantCount: joined.length,
		startedAt,
		endedAt,
		hostID,
		hostName,
		inside: joined.map(({ userID, displayName }) => ({ userID, displayName })),
		invitations,
	};
}
