import { randomUUID } from "node:crypto";
import type { TrackReply, TrackRequest, TracksReply, TracksRequest } from "../../protocol/realtime-api.ts";
import type { SdpCodec } from "../../webrtc/sdp.ts";
import { type CodecPair, chooseCodec, keepFeedback, VIDEO_FEEDBACK } from "./codec-choice.ts";
import { badDescription, ITEM_ERRORS, type ItemError } from "./failure.ts";
import { OFFERED_AUDIO_URIS, OFFERED_VIDEO_URIS } from "./header-extensions.ts";
import { clientMaySend, type MediaLine, newMediaLine } from "./media-line.ts";
import { acceptExtensions, applyOffer, type DescribedLine, idsByURI } from "./offers.ts";
import type { Session } from "./session.ts";
import { Uptrack } from "./uptrack.ts";

/** `tracks/new` with the client's offer: publishes the named sections, or with `autoDiscover` every new sending one. */
export function publish(session: Session, request: TracksRequest): TracksReply {
	session.requireStable();
	const described = applyOffer(session, session.parse(request.sessionDescription, "offer"));
	const tracks = request.autoDiscover
		? discover(session, described)
		: (request.tracks ?? []).map((item) => publishItem(session, described, item));
	return { requiresImmediateRenegotiation: false, tracks, sessionDescription: session.answer() };
}

/** `tracks/new` for local tracks without an offer: we offer sections that go both ways (`bidirectionalMediaStream`). */
export function invite(session: Session, items: readonly TrackRequest[]): TracksReply {
	session.requireStable();
	const tracks = items.map((item) => inviteItem(session, item));
	if (!tracks.some((track) => track.errorCode === undefined)) {
		return { requiresImmediateRenegotiation: false, tracks };
	}
	return { requiresImmediateRenegotiation: true, tracks, sessionDescription: session.offer() };
}

/** Makes the publication that an invited section has been answered with. */
export function acceptInvitation(session: Session, { line, media }: DescribedLine): void {
	const trackName = line.invitedName;
	if (trackName === null || line.codec === null || line.kind === "application") return;
	if (!clientMaySend(media.direction)) return;
	line.up = makeUptrack(session, line, { trackName, kind: line.kind, codec: line.codec });
}

/** Puts a section of ours in the place of a stopped one, or at the end. */
export function addLine(session: Session, kind: "audio" | "video" | "application"): MediaLine {
	const line = newMediaLine(session.numbers.allocateMid(), kind);
	const place = session.lines.findIndex((other) => other.isStopped);
	if (place < 0) session.lines.push(line);
	else session.lines[place] = line;
	return line;
}

function discover(session: Session, described: readonly DescribedLine[]): TrackReply[] {
	const fresh = described.filter(
		({ line, media }) => line.up === null && line.kind !== "application" && clientMaySend(media.direction),
	);
	const tracks = fresh.map((section) => {
		const error = publishLine(session, section, randomUUID());
		const { mid, kind, up } = section.line;
		if (kind === "application" || up === null) return { mid: "", ...(error ?? ITEM_ERRORS.noLine) };
		return { trackName: up.trackName, mid, kind };
	});
	const hasFailedWholly = tracks.length > 0 && tracks.every((track) => track.mid === "");
	if (hasFailedWholly) throw badDescription("The offer has no codec that is supported");
	return tracks;
}

function publishItem(session: Session, described: readonly DescribedLine[], item: TrackRequest): TrackReply {
	const { mid, trackName } = item;
	const named = trackName === undefined ? {} : { trackName };
	const section = described.find(({ line }) => line.mid === mid);
	if (mid === undefined || trackName === undefined || section === undefined) {
		return { mid: "", ...named, ...ITEM_ERRORS.noLine };
	}
	if (section.line.up?.trackName === trackName) return { mid, trackName };
	const error = publishLine(session, section, trackName);
	return error === null ? { mid, trackName } : { mid: "", trackName, ...error };
}

function publishLine(session: Session, section: DescribedLine, trackName: string): ItemError | null {
	const { line, media } = section;
	if (session.findUptrack(trackName) !== null) return ITEM_ERRORS.repeated;
	if (line.kind === "application" || line.up !== null || !clientMaySend(media.direction))
		return ITEM_ERRORS.noLine;
	const chosen = line.codec ?? chooseCodec(media);
	if (chosen === null) return ITEM_ERRORS.noLine;
	const { kind } = line;
	const codec = { ...chosen, main: keepFeedback(chosen.main, kind, session.usesTransportCc) };
	line.codec = codec;
	line.rids = media.simulcastSend.filter((rid) => media.rids.some(({ id }) => id === rid));
	line.extensions = acceptExtensions(session, media, line.down === null ? "publisher" : "both");
	line.up = makeUptrack(session, line, { trackName, kind, codec });
	return null;
}

function makeUptrack(
	session: Session,
	line: MediaLine,
	track: { trackName: string; kind: "audio" | "video"; codec: CodecPair },
): Uptrack {
	return new Uptrack({
		sessionID: session.sessionID,
		mid: line.mid,
		...track,
		extensionIDs: idsByURI(line),
		now: Date.now(),
		askForKeyframe: (ssrc) => session.flow.askForKeyframe(ssrc),
	});
}

function inviteItem(session: Session, item: TrackRequest): TrackReply {
	const { trackName, kind } = item;
	const named = trackName === undefined ? {} : { trackName };
	if (trackName === undefined || kind === undefined || item.bidirectionalMediaStream !== true) {
		return { mid: "", ...named, ...ITEM_ERRORS.internal };
	}
	if (session.findUptrack(trackName) !== null) return { mid: "", trackName, ...ITEM_ERRORS.repeated };
	const line = addLine(session, kind);
	line.invitedName = trackName;
	line.codec = session.numbers.allocateCodec(
		kind === "audio" ? { main: OPUS, rtx: null } : { main: VP8, rtx: VP8_RTX },
	);
	const uris = kind === "audio" ? OFFERED_AUDIO_URIS : OFFERED_VIDEO_URIS;
	line.extensions = uris.map((uri) => ({ uri, id: session.numbers.allocateExtension(uri) }));
	return { mid: line.mid, trackName, kind };
}

const OPUS: SdpCodec = {
	payloadType: 111,
	name: "opus",
	clockRate: 48_000,
	channels: 2,
	parameters: "minptime=10;useinbandfec=1",
	feedback: [],
};
const VP8: SdpCodec = {
	payloadType: 96,
	name: "VP8",
	clockRate: 90_000,
	channels: 1,
	parameters: "",
	feedback: [...VIDEO_FEEDBACK],
};
const VP8_RTX: SdpCodec = {
	payloadType: 97,
	name: "rtx",
	clockRate: 90_000,
	channels: 1,
	parameters: "apt=96",
	feedback: [],
};
