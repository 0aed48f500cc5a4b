/** What is wrong with an SDP offer; `code` is an error code of the API. */
export type OfferVerdict =
	| { ok: true; offer: OfferSummary }
	| { ok: false; code: "malformed-sdp" | "unsupported-offer" | "no-common-codec"; detail: string };

export interface OfferSummary {
	media: OfferedMedia[];
	fingerprint: string;
}

export interface OfferedMedia {
	mid: string;
	kind: "audio" | "video";
	direction: "sendonly" | "recvonly" | "sendrecv" | "inactive";
	/** Encoding names in upper case, in the offer's order. */
	codecs: string[];
}

/** Codecs that the whole chain carries: SFU, WHEP viewers, and the packager. */
export const CARRIED_CODECS = { audio: ["OPUS"], video: ["H264", "VP8"] } as const;

/** Longest SDP that is read. Chromium's with simulcast has 8 KB. */
export const SDP_MAX_BYTES = 128 * 1024;
const MAX_LINES = 4000;
const MAX_MEDIA = 16;

/** Checks an encoder's offer (WHIP, RFC 9725 §4.2): one audio and one video at most, both sending, in a codec that is carried. */
export function checkPublishOffer(sdp: string): OfferVerdict {
	const verdict = readOffer(sdp);
	if (!verdict.ok) return verdict;
	const sending = verdict.offer.media.filter(
		(media) => media.direction === "sendonly" || media.direction === "sendrecv",
	);
	if (sending.length === 0) return refuse("unsupported-offer", "The offer sends neither audio nor video.");
	for (const kind of ["audio", "video"] as const) {
		const lines = sending.filter((media) => media.kind === kind);
		if (lines.length > 1)
			return refuse("unsupported-offer", `The offer has ${lines.length} ${kind} tracks; one is supported.`);
		if (lines.some((media) => !carries(media))) return refuse("no-common-codec", codecAdvice(kind));
	}
	return { ok: true, offer: { ...verdict.offer, media: sending } };
}

/** Checks a viewer's offer (WHEP): the lines that can receive something. */
export function checkWatchOffer(sdp: string): OfferVerdict {
	const verdict = readOffer(sdp);
	if (!verdict.ok) return verdict;
	const receiving = verdict.offer.media.filter(
		(media) => media.direction === "recvonly" || media.direction === "sendrecv",
	);
	return { ok: true, offer: { ...verdict.offer, media: receiving } };
}

/** ICE credentials of an SDP or of a trickle fragment (RFC 8840); null where it has none. */
export function readIceCredentials(sdp: string): { ufrag: string; password: string } | null {
	const ufrag = /^a=ice-ufrag:([A-Za-z0-9+/]{4,256})\r?$/m.exec(sdp)?.[1];
	const password = /^a=ice-pwd:([A-Za-z0-9+/]{22,256})\r?$/m.exec(sdp)?.[1];
	return ufrag === undefined || password === undefined ? null : { ufrag, password };
}

/** The same SDP with other ICE credentials and without candidates: the offer of an ICE restart. */
export function withIceCredentials(sdp: string, credentials: { ufrag: string; password: string }): string {
	return sdp
		.replace(/^a=ice-ufrag:.*$/gm, `a=ice-ufrag:${credentials.ufrag}`)
		.replace(/^a=ice-pwd:.*$/gm, `a=ice-pwd:${credentials.password}`)
		.replace(/^a=(candidate:.*|end-of-candidates)\r?\n/gm, "");
}

export function readFingerprint(sdp: string): string | null {
	return /^a=fingerprint:(\S+ [0-9A-Fa-f:]+)\r?$/m.exec(sdp)?.[1] ?? null;
}

/** The `a=` lines that an ICE restart's answer must carry (RFC 9725 §4.3.3). */
export function iceFragmentOf(answer: string): string {
	const credentials = readIceCredentials(answer);
	const candidates = answer.match(/^a=candidate:.*$/gm) ?? [];
	const mid = /^a=mid:(\S+)/m.exec(answer)?.[1] ?? "0";
	const media = /^m=(audio|video) .*$/m.exec(answer)?.[0] ?? "m=audio 9 UDP/TLS/RTP/SAVPF 0";
	return [
		"a=ice-lite",
		`a=ice-ufrag:${credentials?.ufrag ?? ""}`,
		`a=ice-pwd:${credentials?.password ?? ""}`,
		media.trimEnd(),
		`a=mid:${mid}`,
		...[...new Set(candidates)].map((line) => line.trimEnd()),
		"a=end-of-candidates",
		"",
	].join("\r\n");
}

function readOffer(sdp: string): OfferVerdict {
	if (sdp.length > SDP_MAX_BYTES) return refuse("malformed-sdp", "The offer is too long.");
	const lines = sdp.split(/\r?\n/).filter((line) => line !== "");
	if (lines.length > MAX_LINES || lines[0] !== "v=0")
		return refuse("malformed-sdp", "The body is no session description: it does not begin with v=0.");
	const broken = lines.find((line) => !/^[a-z]=/.test(line));
	if (broken !== undefined) return refuse("malformed-sdp", "A line of the offer is not of the form x=value.");
	const sections = splitSections(lines);
	if (sections.length === 0 || sections.length > MAX_MEDIA)
		return refuse(
			"malformed-sdp",
			`An offer has 1 to ${MAX_MEDIA} media sections; this one has ${sections.length}.`,
		);
	const fingerprint = readFingerprint(sdp);
	if (!readIceCredentials(sdp) || !fingerprint)
		return refuse("malformed-sdp", "The offer lacks ICE credentials or a DTLS fingerprint.");
	const media = sections.map(readMedia).filter((item) => item !== null);
	return { ok: true, offer: { media, fingerprint } };
}

function splitSections(lines: string[]): string[][] {
	const sections: string[][] = [];
	for (const line of lines) {
		if (line.startsWith("m=")) sections.push([]);
		sections.at(-1)?.push(line);
	}
	return sections;
}

/** Null for what is neither audio nor video, or switched off by port 0. */
function readMedia(section: string[], position: number): OfferedMedia | null {
	const [, kind, port] = /^m=(audio|video) (\d+) /.exec(section[0] ?? "") ?? [];
	if ((kind !== "audio" && kind !== "video") || (port === "0" && !section.includes("a=bundle-only")))
		return null;
	const attribute = (pattern: RegExp) =>
		section.map((line) => pattern.exec(line)?.[1]).find((value) => value !== undefined);
	const direction = attribute(/^a=(sendonly|recvonly|sendrecv|inactive)$/) ?? "sendrecv";
	return {
		mid: attribute(/^a=mid:(\S{1,64})$/) ?? String(position),
		kind,
		direction:
			direction === "sendonly" || direction === "recvonly" || direction === "inactive"
				? direction
				: "sendrecv",
		codecs: section.flatMap((line) => /^a=rtpmap:\d+ ([^/]+)\//.exec(line)?.[1]?.toUpperCase() ?? []),
	};
}

/** Whether the whole chain can carry what this line may bring. */
export function carries(media: OfferedMedia): boolean {
	const carried: readonly string[] = CARRIED_CODECS[media.kind];
	return media.codecs.some((codec) => carried.includes(codec));
}

function codecAdvice(kind: "audio" | "video"): string {
	return `No ${kind} codec of the offer can be carried. Send ${CARRIED_CODECS[kind].join(" or ")}.`;
}

function refuse(
	code: "malformed-sdp" | "unsupported-offer" | "no-common-codec",
	detail: string,
): OfferVerdict {
	return { ok: false, code, detail };
}
