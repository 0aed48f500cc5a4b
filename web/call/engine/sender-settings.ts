import type { CallCodec } from "../../../protocol/call.ts";
import { preferCodec } from "./codec-preference.ts";
import type { EncoderLimits } from "./layer-ladder.ts";

/** Encodings by rid; a sender without layers has one, under "". */
export type SenderLimits = ReadonlyMap<string, EncoderLimits>;

/** A member that the DOM types do not have yet. */
interface EncodingWithCodec extends RTCRtpEncodingParameters {
	codec?: RTCRtpCodec;
}

/** Changes of one sender go one after the other: each must build on the parameters that the last one left. */
const changes = new WeakMap<RTCRtpSender, Promise<void>>();
const goals = new WeakMap<RTCRtpSender, SenderLimits>();

/** A picture grows so much later than its rate, ms: grown at once, at the old estimate, Chromium would shrink it for half a minute. */
const GROW_LATER_MS = 800;

/** Applies limits to a sender's encodings. Does nothing where they are in force already; never throws. */
export function limitSender(sender: RTCRtpSender, limits: SenderLimits): Promise<void> {
	goals.set(sender, limits);
	return afterOthers(sender, () => apply(sender, limits));
}

/**
 * Sends the room's codec from now on without a new negotiation (W3C webrtc-extensions, `RTCRtpEncodingParameters.codec`): all codecs
 * were negotiated. Where the browser does not know the member, or the codec was not negotiated, the old one goes on. Never throws.
 */
export function selectCodec(sender: RTCRtpSender, codec: CallCodec): Promise<void> {
	return afterOthers(sender, () => applyCodec(sender, codec));
}

/** Puts the room's codec in front for what this transceiver will negotiate. */
export function preferVideoCodec(transceiver: RTCRtpTransceiver, codec: CallCodec | null): void {
	const known = RTCRtpReceiver.getCapabilities("video")?.codecs ?? [];
	if (codec !== null && known.length > 0) transceiver.setCodecPreferences(preferCodec(known, codec));
}

/** Sound before everything else when the uplink is short. */
export const AUDIO_ENCODING: RTCRtpEncodingParameters = { priority: "high", networkPriority: "high" };

/** The same for a sender that the other end's offer has made. Never throws. */
export function preferSound(sender: RTCRtpSender): Promise<void> {
	return afterOthers(sender, () => applySoundFirst(sender));
}

function afterOthers(sender: RTCRtpSender, change: () => Promise<void>): Promise<void> {
	const next = (changes.get(sender) ?? Promise.resolve()).then(change).catch(() => {
		// Of a connection that was closed meanwhile: there is nothing left to set.
	});
	changes.set(sender, next);
	return next;
}

async function applyCodec(sender: RTCRtpSender, codec: CallCodec): Promise<void> {
	const parameters = sender.getParameters();
	const [current] = parameters.codecs ?? [];
	const wanted = parameters.codecs?.find(({ mimeType }) => mimeType.toLowerCase() === `video/${codec}`);
	const encoding: EncodingWithCodec | undefined = parameters.encodings?.[0];
	if (wanted === undefined || encoding === undefined) return;
	if ((encoding.codec ?? current)?.mimeType === wanted.mimeType) return;
	const { mimeType, clockRate, sdpFmtpLine } = wanted;
	encoding.codec = { mimeType, clockRate, ...(sdpFmtpLine === undefined ? {} : { sdpFmtpLine }) };
	try {
		await sender.setParameters(parameters);
	} catch {
		// A codec that this browser only receives: the one before goes on.
	}
}

async function applySoundFirst(sender: RTCRtpSender): Promise<void> {
	const parameters = sender.getParameters();
	if (parameters.encodings?.every(({ priority }) => priority === "high")) return;
	for (const encoding of parameters.encodings ?? []) Object.assign(encoding, AUDIO_ENCODING);
	try {
		await sender.setParameters(parameters);
	} catch {
		// Closed or renegotiated meanwhile: sound goes without precedence, which is no fault.
	}
}

async function apply(sender: RTCRtpSender, limits: SenderLimits): Promise<void> {
	const parameters = sender.getParameters();
	let hasChanged = false;
	let isGrowing = false;
	for (const encoding of parameters.encodings ?? []) {
		const wanted = limits.get(encoding.rid ?? "");
		if (isInForce(encoding, wanted)) continue;
		const step = wanted && firstStep(encoding, wanted);
		isGrowing ||= step !== wanted;
		Object.assign(encoding, step ?? {}, { active: wanted !== undefined });
		hasChanged = true;
	}
	if (!hasChanged) return;
	try {
		await sender.setParameters(parameters);
	} catch {
		// The connection was closed or renegotiated meanwhile: the next round of limits finds the new state.
		return;
	}
	if (isGrowing) setTimeout(() => void limitSender(sender, goals.get(sender) ?? limits), GROW_LATER_MS);
}

/** The rate first, where both rate and picture grow. */
function firstStep(encoding: RTCRtpEncodingParameters, wanted: EncoderLimits): EncoderLimits {
	const { maxBitrate, scaleResolutionDownBy = 1 } = encoding;
	const growsBoth =
		maxBitrate !== undefined &&
		wanted.maxBitrate > maxBitrate &&
		wanted.scaleResolutionDownBy < scaleResolutionDownBy;
	return growsBoth ? { ...wanted, scaleResolutionDownBy } : wanted;
}

function isInForce(encoding: RTCRtpEncodingParameters, wanted: EncoderLimits | undefined): boolean {
	if (wanted === undefined) return encoding.active === false;
	return (
		encoding.active !== false &&
		encoding.maxBitrate === wanted.maxBitrate &&
		encoding.maxFramerate === wanted.maxFramerate &&
		Math.abs((encoding.scaleResolutionDownBy ?? 1) - wanted.scaleResolutionDownBy) < 0.001
	);
}
