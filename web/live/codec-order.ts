/** What the whole chain carries, best first: H.264 costs viewers and the packager least, VP8 is everywhere. */
const PREFERRED = ["video/h264", "video/vp8"];
/** Repair formats go with every codec. */
const REPAIR = /\/(?:rtx|red|ulpfec|flexfec-03)$/i;

/** A codec as `RTCRtpSender.getCapabilities` lists it. */
interface Codec {
	mimeType: string;
	sdpFmtpLine?: string;
}

/** Puts the codecs we want in front and leaves out those that nobody down the line takes. Repair formats stay at the end. */
export function preferCodecs<C extends Codec>(codecs: readonly C[]): C[] {
	const media = codecs.filter((codec) => PREFERRED.includes(codec.mimeType.toLowerCase()));
	const repair = codecs.filter((codec) => REPAIR.test(codec.mimeType));
	const ranked = media
		.map((codec, index) => ({ codec, index }))
		.sort((a, b) => rank(a.codec) - rank(b.codec) || a.index - b.index)
		.map(({ codec }) => codec);
	return ranked.length === 0 ? [...codecs] : [...ranked, ...repair];
}

/** Constrained baseline with packetization-mode 1 first: the profile that every WebRTC implementation decodes (RFC 7742 §6.2). */
function rank({ mimeType, sdpFmtpLine = "" }: Codec): number {
	const order = PREFERRED.indexOf(mimeType.toLowerCase()) * 10;
	if (order !== 0) return order;
	const isBaseline = /profile-level-id=42e0/i.test(sdpFmtpLine);
	const isPacketized = /packetization-mode=1/.test(sdpFmtpLine);
	return (isBaseline ? 0 : 2) + (isPacketized ? 0 : 1);
}
