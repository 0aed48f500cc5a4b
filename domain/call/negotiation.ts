import type { CallCodec, Capabilities, Negotiated } from "../../protocol/call.ts";
import type { Via } from "../../protocol/signal.ts";

/** Codecs in order of preference: VP8 has simulcast in every browser, H.264 hardware in most phones. */
const VIDEO_CODECS: readonly CallCodec[] = ["vp8", "h264", "vp9", "av1"];

/** Rate that a picture of this height deserves at 30 frames a second, in kbit/s. */
const RATES: readonly { height: number; kbps: number }[] = [
	{ height: 1080, kbps: 2500 },
	{ height: 720, kbps: 1500 },
	{ height: 540, kbps: 900 },
	{ height: 360, kbps: 500 },
	{ height: 180, kbps: 150 },
];

const ALONE: Negotiated = {
	videoCodec: "vp8",
	audioCodec: "opus",
	maxWidth: 1920,
	maxHeight: 1080,
	maxFps: 30,
	maxKbps: 2500,
};

/**
 * The minimum in each category over those who take part (002:32). Through the SFU only the codec has to be common: a sender
 * makes several layers and every receiver gets the one that fits it, so that one small phone does not spoil the picture for all.
 */
export function negotiate(members: readonly Capabilities[], via: Via): Negotiated {
	if (members.length === 0) return ALONE;
	const pick = via === "p2p" ? Math.min : Math.max;
	const maxHeight = pick(...members.map((member) => member.maxHeight));
	const rates = members.flatMap(({ uplinkKbps, downlinkKbps }) => [uplinkKbps, downlinkKbps]);
	const knownRates = rates.filter((rate) => rate !== undefined);
	return {
		videoCodec: VIDEO_CODECS.find((codec) => isCommon(members, codec)) ?? null,
		audioCodec: "opus",
		maxWidth: pick(...members.map((member) => member.maxWidth)),
		maxHeight,
		maxFps: pick(...members.map((member) => member.maxFps)),
		maxKbps: Math.min(rateOf(maxHeight), ...(via === "p2p" ? knownRates : [])),
	};
}

/** Who sends no video at all, or takes none, has no say in its codec: they take part without. */
function isCommon(members: readonly Capabilities[], codec: CallCodec): boolean {
	const isFine = (codecs: readonly CallCodec[]) =>
		codecs.includes(codec) || !VIDEO_CODECS.some((video) => codecs.includes(video));
	return (
		members.some(({ sendCodecs }) => sendCodecs.includes(codec)) &&
		members.every(({ sendCodecs, recvCodecs }) => isFine(sendCodecs) && isFine(recvCodecs))
	);
}

function rateOf(height: number): number {
	return RATES.find((rate) => height >= rate.height)?.kbps ?? 100;
}
