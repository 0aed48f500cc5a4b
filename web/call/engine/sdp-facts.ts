/** What a peer's description must look like before a connection of ours is bothered with it: voice, camera, screen, its sound, data. */
const SECTIONS = ["audio", "video", "video", "audio", "application"];

/** Whether the description has exactly the sections that every link of a call has. */
export function hasLinkSections(sdp: string): boolean {
	const kinds = [...sdp.matchAll(/^m=([a-z]+) /gm)].map((match) => match[1]);
	return kinds.length === SECTIONS.length && kinds.every((kind, index) => kind === SECTIONS[index]);
}

/** The number by which a peer connection names itself in all its descriptions (RFC 8866 §5.2, RFC 8829 §5.2.1); null if there is none. */
export function sessionNumber(sdp: string): string | null {
	return /^o=\S+ (\d+) \d+ /m.exec(sdp)?.[1] ?? null;
}
