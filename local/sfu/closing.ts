import type { CloseTracksRequest, TrackReply, TracksReply } from "../../protocol/realtime-api.ts";
import { ITEM_ERRORS } from "./failure.ts";
import { applyOffer } from "./offers.ts";
import type { Session } from "./session.ts";

/**
 * `tracks/close` with `force: true`: ends tracks at once, whatever negotiation is open, so that a client that does not answer can be
 * put out. Their sections stay as they are until the next exchange.
 */
export function closeByForce(session: Session, request: CloseTracksRequest): TracksReply {
	return {
		requiresImmediateRenegotiation: false,
		tracks: request.tracks.map(({ mid }) => closeItem(session, mid)),
	};
}

/**
 * `force: false`: with the client's offer. Browsers list mids there whose transceivers they have not stopped; these end too and are
 * answered as inactive. A section that the offer stops ends whether it is listed or not.
 */
export function closeByOffer(session: Session, request: CloseTracksRequest): TracksReply {
	session.requireStable();
	const offer = session.parse(request.sessionDescription, "offer");
	const carried = new Set(session.lines.filter((line) => line.up !== null || line.down !== null));
	const mids = new Set(Array.from(carried, (line) => line.mid));
	applyOffer(session, offer);
	const tracks = request.tracks.map(({ mid }): TrackReply => {
		if (!mids.has(mid)) return { mid, ...ITEM_ERRORS.close };
		closeItem(session, mid);
		return { mid };
	});
	return { requiresImmediateRenegotiation: false, tracks, sessionDescription: session.answer() };
}

function closeItem(session: Session, mid: string): TrackReply {
	const line = session.lines.find((one) => one.mid === mid && !one.isStopped);
	if (line === undefined || (line.up === null && line.down === null && line.invitedName === null)) {
		return { mid, ...ITEM_ERRORS.close };
	}
	session.clearLine(line);
	return { mid };
}
