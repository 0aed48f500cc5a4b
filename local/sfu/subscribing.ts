import type { TrackReply, TrackRequest, TracksReply, TracksRequest } from "../../protocol/realtime-api.ts";
import { type CodecPair, isCompatible, keepFeedback, matchCodec, VIDEO_FEEDBACK } from "./codec-choice.ts";
import { Downtrack } from "./downtrack.ts";
import { badDescription, ITEM_ERRORS, type ItemError } from "./failure.ts";
import { OFFERED_AUDIO_URIS, OFFERED_VIDEO_URIS } from "./header-extensions.ts";
import { clientMayReceive, type MediaLine } from "./media-line.ts";
import { acceptExtensions, applyAnswer, applyOffer, type DescribedLine, idsByURI } from "./offers.ts";
import { acceptInvitation, addLine } from "./publishing.ts";
import type { Session } from "./session.ts";
import type { Uptrack } from "./uptrack.ts";

/** Finds the session that a track is pulled from. */
export type SessionFinder = (sessionID: string) => Session | null;

type Wanted = { item: TrackRequest; source: Uptrack | null; error: ItemError };

/** `tracks/new` for remote tracks: with the client's offer its receiving sections are used, else we offer new ones. */
export async function pull(
	session: Session,
	request: TracksRequest,
	find: SessionFinder,
): Promise<TracksReply> {
	session.requireStable();
	await session.requireConnected();
	const offer = request.sessionDescription && session.parse(request.sessionDescription, "offer");
	const wanted = await Promise.all(
		(request.tracks ?? []).map((item) => locate(item, find, session.limits.waitMs)),
	);
	session.requireAlive();
	if (offer !== undefined) {
		const described = applyOffer(session, offer);
		const tracks = wanted.map((one) => pullIntoOffered(session, described, one));
		return { requiresImmediateRenegotiation: false, tracks, sessionDescription: session.answer() };
	}
	const linesBefore = new Set(session.lines);
	const tracks = wanted.map((one) => pullIntoOwn(session, one));
	if (session.lines.every((line) => linesBefore.has(line))) {
		return { requiresImmediateRenegotiation: false, tracks };
	}
	return { requiresImmediateRenegotiation: true, tracks, sessionDescription: session.offer() };
}

/** `renegotiate`: the client's answer to our offer. */
export function renegotiate(session: Session, description: TracksRequest["sessionDescription"]): void {
	const answer = session.parse(description, "answer");
	if (!session.isOfferOpen) throw badDescription("There is no offer to answer");
	for (const section of applyAnswer(session, answer)) acceptInvitation(session, section);
	session.offerAnswered();
}

/** `tracks/update`: other layer wishes or another source on a receiving section, without SDP. */
export async function update(
	session: Session,
	items: readonly TrackRequest[],
	find: SessionFinder,
): Promise<TracksReply> {
	await session.requireConnected();
	const tracks = await Promise.all(items.map((item) => updateItem(session, item, find)));
	return { requiresImmediateRenegotiation: false, tracks };
}

/** The publication an item names, once its packets flow; or the error that the item fails with. */
async function locate(item: TrackRequest, find: SessionFinder, waitMs: number): Promise<Wanted> {
	const notFound = { item, source: null, error: ITEM_ERRORS.notFound };
	if (item.sessionId === undefined || item.trackName === undefined) return notFound;
	const publisher = find(item.sessionId);
	const source = publisher?.findUptrack(item.trackName) ?? null;
	if (publisher === null || source === null) return notFound;
	await source.waitForFlow(waitMs);
	if (source.isFlowing) return { item, source, error: ITEM_ERRORS.empty };
	const isThere = publisher.peer.isOpen && !source.isClosed;
	return { ...notFound, error: isThere ? ITEM_ERRORS.empty : ITEM_ERRORS.notFound };
}

function pullIntoOffered(session: Session, described: readonly DescribedLine[], wanted: Wanted): TrackReply {
	const { item, source } = wanted;
	if (source === null) return failed(item, wanted.error);
	const free = described.filter(
		({ line, media }) => line.kind === source.kind && line.down === null && clientMayReceive(media.direction),
	);
	for (const { line, media } of free) {
		const codec = matchCodec(media, source.codec.main);
		if (codec === null) continue;
		line.extensions = acceptExtensions(session, media, line.up === null ? "subscriber" : "both");
		attach(session, line, { source, item, codec: withFeedback(codec, source.kind) });
		if (session.peer.isOpen) line.down?.activate(Date.now());
		return succeeded(item, line);
	}
	return failed(item, ITEM_ERRORS.noLine);
}

function pullIntoOwn(session: Session, wanted: Wanted): TrackReply {
	const { item, source } = wanted;
	if (source === null) return failed(item, wanted.error);
	if (item.mid?.startsWith("#")) return pullIntoExisting(session, item, source);
	const line = addLine(session, source.kind);
	const uris = source.kind === "audio" ? OFFERED_AUDIO_URIS : OFFERED_VIDEO_URIS;
	line.extensions = uris.map((uri) => ({ uri, id: session.numbers.allocateExtension(uri) }));
	const codec = session.numbers.allocateCodec(offerable(source.codec, source.kind));
	attach(session, line, { source, item, codec });
	return succeeded(item, line);
}

/** `mid: "#name"`: the section on which the client publishes `name`, if that goes both ways. */
function pullIntoExisting(session: Session, item: TrackRequest, source: Uptrack): TrackReply {
	const name = item.mid?.slice(1);
	const line = session.lines.find((one) => one.up?.trackName === name);
	const isUsable =
		line?.codec != null &&
		line.down === null &&
		clientMayReceive(line.clientDirection) &&
		isCompatible(line.codec.main, source.codec.main);
	if (!isUsable || line.codec === null) return failed(item, ITEM_ERRORS.noLine);
	attach(session, line, { source, item, codec: line.codec });
	if (session.peer.isOpen) line.down?.activate(Date.now());
	return succeeded(item, line);
}

function attach(
	session: Session,
	line: MediaLine,
	track: { source: Uptrack; item: TrackRequest; codec: CodecPair },
): void {
	line.codec = track.codec;
	const down = new Downtrack({
		source: track.source,
		simulcast: track.item.simulcast,
		format: { midValue: Buffer.from(line.mid, "latin1"), codec: track.codec, extensionIDs: idsByURI(line) },
		send: (packet, urgency, sendTimeID, now) => session.flow.sendPaced(packet, urgency, sendTimeID, now),
		onEnded: () => {
			if (line.down !== down) return;
			line.down = null;
			line.isSpent = line.up === null;
		},
	});
	line.down = down;
	line.isSpent = false;
}

async function updateItem(session: Session, item: TrackRequest, find: SessionFinder): Promise<TrackReply> {
	const down = session.lines.find((line) => line.mid === item.mid)?.down ?? null;
	if (down === null || item.mid === undefined) return failed(item, ITEM_ERRORS.update);
	const names = {
		sessionId: item.sessionId ?? down.source.sessionID,
		trackName: item.trackName ?? down.source.trackName,
	};
	const wanted = await locate({ ...item, ...names }, find, session.limits.waitMs);
	if (wanted.source === null) return failed(item, wanted.error);
	if (!isCompatible(down.format.codec.main, wanted.source.codec.main))
		return failed(item, ITEM_ERRORS.update);
	down.update({ source: wanted.source, simulcast: item.simulcast ?? down.simulcast }, Date.now());
	return { mid: item.mid, ...names };
}

function succeeded(item: TrackRequest, line: MediaLine): TrackReply {
	return {
		mid: line.mid,
		...(item.sessionId === undefined ? {} : { sessionId: item.sessionId }),
		...(item.trackName === undefined ? {} : { trackName: item.trackName }),
		...(item.simulcast === undefined ? {} : { simulcast: item.simulcast }),
	};
}

function failed(item: TrackRequest, error: ItemError): TrackReply {
	return {
		mid: "",
		...(item.sessionId === undefined ? {} : { sessionId: item.sessionId }),
		...(item.trackName === undefined ? {} : { trackName: item.trackName }),
		...error,
	};
}

/** The publisher's codec with the feedback that we want from subscribers. */
function offerable(codec: CodecPair, kind: "audio" | "video"): CodecPair {
	return { ...codec, main: { ...codec.main, feedback: kind === "video" ? [...VIDEO_FEEDBACK] : [] } };
}

function withFeedback(codec: CodecPair, kind: "audio" | "video"): CodecPair {
	return { ...codec, main: keepFeedback(codec.main, kind, false) };
}
