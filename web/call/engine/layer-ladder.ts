import type { PublishedTrack } from "../../../protocol/signal.ts";

/** What the encoder of one video makes. Undefined members are left to the browser. */
export interface EncoderLimits {
	scaleResolutionDownBy: number;
	maxBitrate: number;
	maxFramerate: number;
}

export interface LayerLimits extends EncoderLimits {
	rid: "a" | "b" | "c";
	/** Of the picture, pixels. */
	height: number;
}

/** The room's common minimum, as far as encoders are concerned. */
export interface PictureLimits {
	maxHeight: number;
	maxFps: number;
	/** For one video. */
	maxKbps: number;
}

/** Sorted, the best comes first: Realtime orders layers so (`asciibetical`). */
const RIDS = ["a", "b", "c"] as const;
/** Below this a lower layer is not worth its packets, pixels. */
const LEAST_HEIGHT = 90;
/** Enough for a picture of this height at 30 frames a second, kbit/s; as the room's own table has it. */
const RATES = [
	{ height: 1080, kbps: 2500 },
	{ height: 720, kbps: 1500 },
	{ height: 540, kbps: 900 },
	{ height: 360, kbps: 500 },
	{ height: 270, kbps: 300 },
	{ height: 180, kbps: 150 },
	{ height: 0, kbps: 100 },
];
/** A layer's height as a share of the whole. */
const SCALES = [1, 2, 4];
/** Chromium makes so many layers of a picture of these pixels, and no more (libwebrtc, simulcast.cc, kSimulcastFormats). */
const LAYERS_BY_PIXELS = [
	{ pixels: 960 * 540, layers: 3 },
	{ pixels: 480 * 270, layers: 2 },
	{ pixels: 0, layers: 1 },
];

/** kbit/s that a picture of this height deserves. */
export function kbpsFor(height: number): number {
	return RATES.find((rate) => height >= rate.height)?.kbps ?? 100;
}

/** Layers for a captured picture, best first: full, half, quarter; fewer when the picture is small. */
export function chooseLayers(
	captured: { width: number; height: number },
	limits: PictureLimits,
): LayerLimits[] {
	const whole = scaleToFit(captured.height, limits.maxHeight);
	const pixels = (captured.width * captured.height) / whole ** 2;
	const most = LAYERS_BY_PIXELS.find((row) => pixels >= row.pixels)?.layers ?? 1;
	return SCALES.slice(0, most).flatMap((scale, index): LayerLimits[] => {
		const height = Math.round(captured.height / (whole * scale));
		const rid = RIDS[index];
		if (rid === undefined || (index > 0 && height < LEAST_HEIGHT)) return [];
		const kbps = Math.min(kbpsFor(height), limits.maxKbps);
		return [
			{
				rid,
				height,
				scaleResolutionDownBy: whole * scale,
				maxBitrate: kbps * 1000,
				maxFramerate: limits.maxFps,
			},
		];
	});
}

/** Heights of direct videos as shares of the captured one: few, so that a tile that changes a little changes nothing. */
const DIRECT_SCALES = [4, 3, 2, 1.5, 1];
/** A picture may be this much lower than its tile without anybody seeing it. */
const TILE_TOLERANCE = 0.9;

/**
 * Limits of one direct video. `shares`: how many of them the uplink has to carry; `wishedHeight`: of its tile at the other end,
 * null if that is not known.
 */
export function limitDirect(
	capturedHeight: number,
	limits: PictureLimits,
	{
		uplinkKbps,
		shares,
		wishedHeight,
	}: { uplinkKbps: number | null; shares: number; wishedHeight: number | null },
): EncoderLimits {
	const wished =
		wishedHeight === null
			? 1
			: (DIRECT_SCALES.find((one) => capturedHeight / one >= wishedHeight * TILE_TOLERANCE) ?? 1);
	const scale = Math.max(scaleToFit(capturedHeight, limits.maxHeight), wished);
	const fair = uplinkKbps === null ? Number.POSITIVE_INFINITY : (uplinkKbps * 0.9) / Math.max(1, shares);
	const kbps = Math.min(kbpsFor(capturedHeight / scale), limits.maxKbps, fair);
	return {
		scaleResolutionDownBy: scale,
		maxBitrate: Math.max(50, Math.round(kbps)) * 1000,
		maxFramerate: limits.maxFps,
	};
}

/** The layers as others are told of them. */
export function describeLayers(layers: readonly LayerLimits[]): PublishedTrack["rids"] {
	return layers.length < 2 ? [] : layers.map(({ rid, height }) => ({ rid, height: Math.max(1, height) }));
}

function scaleToFit(height: number, maxHeight: number): number {
	return height > maxHeight ? height / maxHeight : 1;
}
