import type { CallCodec } from "../../../protocol/call.ts";

/** The members of RTCRtpCodec that count here. */
interface Codec {
	mimeType: string;
	sdpFmtpLine?: string;
}

/** Formats that repair or pad others; they go along with every codec. */
const REPAIR = /\/(?:rtx|red|ulpfec|flexfec-03)$/i;

/** The browser's codecs with the room's one in front: the others stay, so that a change of the room's codec needs no new negotiation. */
export function preferCodec<C extends Codec>(codecs: readonly C[], preferred: CallCodec): C[] {
	const mimeType = `video/${preferred}`;
	const first = codecs.filter((codec) => codec.mimeType.toLowerCase() === mimeType);
	const rest = codecs.filter((codec) => codec.mimeType.toLowerCase() !== mimeType);
	const media = rest.filter((codec) => !REPAIR.test(codec.mimeType));
	return [...first.sort(byProfile), ...media, ...rest.filter((codec) => REPAIR.test(codec.mimeType))];
}

/** Constrained baseline with packetization-mode 1 first: what every implementation decodes (RFC 7742 §6.2). */
function byProfile(a: Codec, b: Codec): number {
	return profileRank(a) - profileRank(b);
}

function profileRank({ sdpFmtpLine = "" }: Codec): number {
	if (!sdpFmtpLine.includes("profile-level-id")) return 0;
	const isBaseline = /profile-level-id=42e0/i.test(sdpFmtpLine);
	const isPacketized = /packetization-mode=1/.test(sdpFmtpLine);
	return (isBaseline ? 0 : 2) + (isPacketized ? 0 : 1);
}
