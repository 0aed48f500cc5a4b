/**
 * A wall clock inside the picture that a program can read back: two rows of squares across the top, each a white and a black square for
 * reference and 24 bits; 42 bits of milliseconds since 1970 and 6 of a checksum. It survives encoding and scaling, but neither
 * cropping nor padding. Needs no import, so tests can also run it in a browser on `getImageData`.
 */

export type ClockPicture = {
	/** Luma, or RGBA bytes of which green is used. */
	samples: Uint8Array | Uint8ClampedArray;
	width: number;
	height: number;
	/** Bytes from one pixel to the next: 1 for a luma plane, 4 for RGBA. */
	pixelBytes: number;
};

const ROWS = 2;
const BITS_PER_ROW = 24;
const CELLS_PER_ROW = BITS_PER_ROW + 2;
const TIME_BITS = 42;
const CHECK_BITS = 6;
/** Share of the picture's height that a row takes. */
const ROW_HEIGHT = 1 / 18;
const WHITE = 235;
const BLACK = 16;
/** Less difference between the reference squares means that there is no clock. */
const MIN_CONTRAST = 60;

/** Height in pixels that the clock takes at the top. */
export function clockHeight(height: number): number {
	return Math.ceil(height * ROW_HEIGHT) * ROWS;
}

/** Draws the time (milliseconds since 1970) into a picture; only the first of each pixel's bytes is written. */
export function drawClock(picture: ClockPicture, at: number): void {
	const bits = clockBits(at);
	for (let row = 0; row < ROWS; row += 1) {
		const rowBits = bits.slice(row * BITS_PER_ROW, (row + 1) * BITS_PER_ROW);
		for (const [cell, isWhite] of [true, false, ...rowBits].entries()) {
			fillCell(picture, { row, cell }, isWhite ? WHITE : BLACK);
		}
	}
}

/** The time in a picture, or null if there is none or it cannot be read with certainty. */
export function readClock(picture: ClockPicture): number | null {
	const bits: boolean[] = [];
	for (let row = 0; row < ROWS; row += 1) {
		const white = cellBrightness(picture, { row, cell: 0 });
		const black = cellBrightness(picture, { row, cell: 1 });
		if (white - black < MIN_CONTRAST) return null;
		for (let cell = 2; cell < CELLS_PER_ROW; cell += 1) {
			bits.push(cellBrightness(picture, { row, cell }) > (white + black) / 2);
		}
	}
	const at = number(bits.slice(0, TIME_BITS));
	const isWhole = number(bits.slice(TIME_BITS)) === checksum(at);
	return isWhole ? at : null;
}

function clockBits(at: number): boolean[] {
	const time = Math.floor(at);
	return [...toBits(time, TIME_BITS), ...toBits(checksum(time), CHECK_BITS)];
}

/** Weighted sum of the 6-bit groups; all-white and all-black rows do not fit it. */
function checksum(time: number): number {
	let sum = 37;
	for (let rest = time, weight = 1; rest > 0; rest = Math.floor(rest / 64), weight += 2) {
		sum += (rest % 64) * weight;
	}
	return sum % 64;
}

function toBits(value: number, count: number): boolean[] {
	return Array.from({ length: count }, (_, index) => Math.floor(value / 2 ** (count - 1 - index)) % 2 === 1);
}

function number(bits: boolean[]): number {
	return bits.reduce((value, bit) => value * 2 + (bit ? 1 : 0), 0);
}

type Cell = { row: number; cell: number };

function cellRectangle({ width, height }: ClockPicture, { row, cell }: Cell) {
	const rowHeight = height * ROW_HEIGHT;
	return {
		left: Math.round((cell * width) / CELLS_PER_ROW),
		right: Math.round(((cell + 1) * width) / CELLS_PER_ROW),
		top: Math.round(row * rowHeight),
		bottom: Math.round((row + 1) * rowHeight),
	};
}

function fillCell(picture: ClockPicture, cell: Cell, value: number): void {
	const { left, right, top, bottom } = cellRectangle(picture, cell);
	const { samples, width, pixelBytes } = picture;
	for (let y = top; y < bottom; y += 1) {
		for (let x = left; x < right; x += 1) samples[(y * width + x) * pixelBytes] = value;
	}
}

/** Mean of the cell's inner third, where compression has not blurred the edges into it. */
function cellBrightness(picture: ClockPicture, cell: Cell): number {
	const { left, right, top, bottom } = cellRectangle(picture, cell);
	const { samples, width, pixelBytes } = picture;
	const marginX = Math.floor((right - left) / 3);
	const marginY = Math.floor((bottom - top) / 3);
	let sum = 0;
	let count = 0;
	for (let y = top + marginY; y < bottom - marginY; y += 1) {
		for (let x = left + marginX; x < right - marginX; x += 1) {
			sum += samples[(y * width + x) * pixelBytes + (pixelBytes > 1 ? 1 : 0)] ?? 0;
			count += 1;
		}
	}
	return count === 0 ? 0 : sum / count;
}
