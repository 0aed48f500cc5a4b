import type { PictureSize } from "./ladder.ts";

export type StoryboardLayout = {
	tiles: number;
	columns: number;
	rows: number;
	tileWidth: number;
	tileHeight: number;
	secondsPerTile: number;
};

const MAX_TILES = 100;
const LEAST_SECONDS = 1;
const TILE_BOX: PictureSize = { width: 160, height: 90 };
const COLUMNS = 10;

/** Small pictures for seeking: at most a hundred, at least a second apart, in one sheet of ten a row. */
export function layOutStoryboard(size: PictureSize, durationSeconds: number): StoryboardLayout {
	const tiles = Math.max(1, Math.min(MAX_TILES, Math.ceil(durationSeconds / LEAST_SECONDS)));
	const columns = Math.min(COLUMNS, tiles);
	const { width, height } = fitInside(size, TILE_BOX);
	return {
		tiles,
		columns,
		rows: Math.ceil(tiles / columns),
		tileWidth: width,
		tileHeight: height,
		secondsPerTile: durationSeconds / tiles,
	};
}

/** WebVTT whose cues name rectangles of the sheet (Media Fragments URI 1.0 §4.2.2), from 0 to the end without a gap. */
export function renderStoryboard(layout: StoryboardLayout, image: string): string {
	const { tiles, columns, tileWidth, tileHeight, secondsPerTile } = layout;
	const cues = Array.from({ length: tiles }, (_, index) => {
		const x = (index % columns) * tileWidth;
		const y = Math.floor(index / columns) * tileHeight;
		const [from, to] = [index, index + 1].map((edge) => timestamp(edge * secondsPerTile));
		return `${from} --> ${to}\n${image}#xywh=${x},${y},${tileWidth},${tileHeight}\n`;
	});
	return `WEBVTT\n\n${cues.join("\n")}`;
}

/** The largest even size of the picture's shape within `box`; never larger than the picture. */
export function fitInside(size: PictureSize, box: PictureSize): PictureSize {
	const scale = Math.min(1, box.width / size.width, box.height / size.height);
	const even = (length: number) => Math.max(2, Math.round((length * scale) / 2) * 2);
	return { width: even(size.width), height: even(size.height) };
}

function timestamp(seconds: number): string {
	const ms = Math.round(seconds * 1000);
	const two = (value: number) => String(Math.floor(value)).padStart(2, "0");
	const clock = [ms / 3_600_000, (ms / 60_000) % 60, (ms / 1000) % 60].map(two).join(":");
	return `${clock}.${String(ms % 1000).padStart(3, "0")}`;
}
