/** A picture's size in pixels, rotation applied. */
export type PictureSize = { width: number; height: number };

/** One video rendition to make. */
export type Rung = PictureSize & {
	/** As it stands in media paths: `720p-h264`. */
	name: string;
	framesPerSecond: number;
	/** Bits a second of the largest segment, without container. */
	bitrateBps: number;
};

export type LadderSource = PictureSize & {
	framesPerSecond: number;
	/** If known, no rung gets more than 1.1 times it. */
	bitrateBps?: number;
};

/** Heights of the 16:9 boxes that a live picture is fitted into. */
export const LIVE_HEIGHTS = [720, 480, 360] as const;

/** A rung this little below the source's own size stands for it; a further rung would cost a full encode and show no difference. */
const SAME_SIZE_RATIO = 1.1;

/** Peak for 1280x720 at up to 30 frames a second; other sizes follow by a power law, since larger pictures need fewer bits a pixel. */
const REFERENCE_BITRATE_BPS = 3_200_000;
const REFERENCE_PIXELS = 1280 * 720;
const BITRATE_EXPONENT = 0.9;

/**
 * The renditions to make of a live source, best first. A rung's number is the height of the upright or lying 16:9 box around the picture
 * (1080x1920 in 720 is 720x1280, 1280x534 in 480 is 854x356). Nothing is enlarged, and the frame rate never raised; a source between two
 * rungs is the top rung itself, unless it exceeds the lower one by less than a tenth. Sizes are even. At 480 and below 50 and 60 frames a second are halved.
 */
export function selectLadder(
	source: LadderSource,
	limits: { maxHeight: number; maxFramesPerSecond: number; heights?: readonly number[] },
): Rung[] {
	const sourceHeight = boxHeight(source);
	const top = Math.min(sourceHeight, limits.maxHeight);
	const heights = (limits.heights ?? LIVE_HEIGHTS).filter((height) => height <= top);
	const highest = Math.max(0, ...heights);
	const boxes = top > highest * SAME_SIZE_RATIO ? [top, ...heights] : heights;
	return boxes
		.toSorted((a, b) => b - a)
		.map((height) => {
			const size = fitIntoBox(source, height);
			const framesPerSecond = limitFrameRate(source.framesPerSecond, height, limits.maxFramesPerSecond);
			return {
				name: `${Math.round(height)}p-h264`,
				...size,
				framesPerSecond,
				bitrateBps: rungBitrate(size, framesPerSecond, source.bitrateBps),
			};
		});
}

/** Height of the smallest 16:9 box, upright or lying as the picture is, that the picture fits into. */
export function boxHeight({ width, height }: PictureSize): number {
	const long = Math.max(width, height);
	const short = Math.min(width, height);
	return Math.max(short, Math.round((long * 9) / 16));
}

/**
 * The frame rate to encode a live source at, from the median distance of its frames. Film and PAL rates are kept; everything slower or
 * irregular becomes 30, since a camera that is slow in the dark is fast again in the light and the encoder cannot follow.
 */
export function steadyFrameRate(medianFrameSeconds: number): number {
	const measured = 1 / medianFrameSeconds;
	return [24, 25, 30, 50, 60].find((rate) => Math.abs(measured / rate - 1) < 0.02) ?? 30;
}

function fitIntoBox(source: PictureSize, height: number): PictureSize {
	const long = (height * 16) / 9;
	const isPortrait = source.height > source.width;
	const scale = Math.min(
		1,
		(isPortrait ? height : long) / source.width,
		(isPortrait ? long : height) / source.height,
	);
	return { width: evenLength(source.width, scale), height: evenLength(source.height, scale) };
}

/** H.264 with 4:2:0 has no odd sizes. */
function evenLength(length: number, scale: number): number {
	return Math.max(2, Math.min(Math.round((length * scale) / 2), Math.floor(length / 2)) * 2);
}

function limitFrameRate(framesPerSecond: number, height: number, maximum: number): number {
	const halved = framesPerSecond >= 50 ? framesPerSecond / 2 : framesPerSecond;
	return height <= 480 || framesPerSecond > maximum ? Math.min(halved, maximum) : framesPerSecond;
}

function rungBitrate(size: PictureSize, framesPerSecond: number, sourceBps: number | undefined): number {
	const scale = ((size.width * size.height) / REFERENCE_PIXELS) ** BITRATE_EXPONENT;
	const forRate = framesPerSecond > 30 ? 1.4 : 1;
	const wanted = REFERENCE_BITRATE_BPS * scale * forRate;
	return Math.round(Math.min(wanted, sourceBps === undefined ? wanted : sourceBps * 1.1));
}
