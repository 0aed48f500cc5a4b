import { isMediaAlive, type SdpMedia, type SdpSession } from "../../webrtc/sdp.ts";
import { badDescription } from "./failure.ts";
import { isAcceptedFromPublisher, isAcceptedFromSubscriber } from "./header-extensions.ts";
import { clientMayReceive, type MediaLine, newMediaLine, reduceToDescribed } from "./media-line.ts";
import type { Session } from "./session.ts";

/** A section of the client's description with the line it belongs to. */
export type DescribedLine = { line: MediaLine; media: SdpMedia };

/**
 * Takes over a client's offer: new sections, stopped ones, changed directions. Changes nothing if the offer does not fit the session (406).
 * Returns the living sections, in order; what they carry is up to the caller.
 */
export function applyOffer(session: Session, offer: SdpSession): DescribedLine[] {
	requireFit(session, offer);
	session.connect(offer);
	const described: DescribedLine[] = [];
	for (const [index, media] of offer.media.entries()) {
		const known = session.lines[index];
		const line = known === undefined || known.mid !== media.mid ? newMediaLine(media.mid, media.kind) : known;
		session.lines[index] = line;
		session.numbers.learn(media);
		line.spareCodecs = media.codecs.slice(0, 1);
		if (!isMediaAlive(offer, media)) {
			session.clearLine(line);
			line.isStopped = true;
			continue;
		}
		line.isStopped = false;
		line.clientDirection = media.direction;
		refreshLine(session, { line, media });
		described.push({ line, media });
	}
	return described;
}

/**
 * Takes over the client's answer to our offer. Sections it rejects end what we wanted to send in them.
 */
export function applyAnswer(session: Session, answer: SdpSession): DescribedLine[] {
	const { lines } = session;
	const fits =
		answer.media.length === lines.length &&
		answer.media.every((media, index) => media.mid === lines[index]?.mid);
	if (!fits) throw badDescription("The answer's media sections are not those of the offer");
	if (answer.media.length > 0) session.connect(answer);
	const described: DescribedLine[] = [];
	for (const [index, media] of answer.media.entries()) {
		const line = lines[index];
		if (line === undefined || line.isStopped) continue;
		if (!isMediaAlive(answer, media)) {
			session.clearLine(line);
			line.isStopped = true;
			continue;
		}
		line.clientDirection = media.direction;
		session.numbers.learn(media);
		refreshLine(session, { line, media });
		described.push({ line, media });
	}
	return described;
}

/** Extension ids of a section that we accept, as the line shall list them. */
export function acceptExtensions(
	session: Session,
	media: SdpMedia,
	role: "publisher" | "subscriber" | "both",
): SdpMedia["extensions"] {
	return media.extensions.filter(({ uri }) => {
		const fromPublisher = role !== "subscriber" && isAcceptedFromPublisher(uri, session.usesTransportCc);
		return fromPublisher || (role !== "publisher" && isAcceptedFromSubscriber(uri));
	});
}

/** What the line already carries goes on under the numbers of the new description, or ends if its codec is gone. */
function refreshLine(session: Session, { line, media }: DescribedLine): void {
	session.demultiplexer.learn(line, media);
	if (line.codec === null) return;
	const codec = reduceToDescribed(line.codec, media);
	if (codec === null) {
		session.clearLine(line);
		line.codec = null;
		return;
	}
	line.codec = codec;
	const known = new Set(media.extensions.map((extension) => extension.uri));
	line.extensions = line.extensions.filter((extension) => known.has(extension.uri));
	if (line.down === null) return;
	line.down.setFormat({ ...line.down.format, codec, extensionIDs: idsByURI(line) });
	if (!clientMayReceive(media.direction)) line.down.deactivate();
	else if (session.peer.isOpen) line.down.activate(Date.now());
}

export function idsByURI(line: MediaLine): Map<string, number> {
	return new Map(line.extensions.map(({ uri, id }) => [uri, id]));
}

function requireFit(session: Session, offer: SdpSession): void {
	if (offer.media.length < session.lines.length) throw badDescription("The offer leaves out media sections");
	if (offer.media.length === 0) throw badDescription("The offer has no media sections");
	for (const [index, media] of offer.media.entries()) {
		if (media.mid === "") throw badDescription("A media section has no mid");
		const line = session.lines[index];
		if (line === undefined || line.isStopped) continue;
		if (line.mid !== media.mid || line.kind !== media.kind) {
			throw badDescription("A media section does not continue the one before it at its place");
		}
	}
}
