import { dataView, fullBoxBody, writeBox } from "./boxes.ts";
import { concatBytes } from "./fragment-reader.ts";

/** A CMAF header with one H.264 track (timescale 90000), as small as readers accept. For tests. */
export function videoHeader(
	size = { width: 1280, height: 720 },
	pixelShape?: [horizontal: number, vertical: number],
): Uint8Array<ArrayBuffer> {
	return header(videoEntry(size, pixelShape), 90_000);
}

/** How an H.264 track's samples are coded. For tests. */
export function videoEntry(
	size = { width: 1280, height: 720 },
	pixelShape?: [horizontal: number, vertical: number],
): Uint8Array<ArrayBuffer> {
	const entry = new Uint8Array(78);
	dataView(entry).setUint16(24, size.width);
	dataView(entry).setUint16(26, size.height);
	const avcC = writeBox("avcC", new Uint8Array([1, 0x64, 0, 0x1f, 0xff, 0xe0, 0]));
	const pasp = new Uint8Array(8);
	dataView(pasp).setUint32(0, pixelShape?.[0] ?? 1);
	dataView(pasp).setUint32(4, pixelShape?.[1] ?? 1);
	const boxes = pixelShape === undefined ? [avcC] : [avcC, writeBox("pasp", pasp)];
	return writeBox("avc1", entry, ...boxes);
}

/** A CMAF header with one AAC-LC track (timescale 48000). For tests. */
export function audioHeader(): Uint8Array<ArrayBuffer> {
	return header(audioEntry(0), 48_000);
}

/** How an AAC-LC track's samples are coded: as ISO says (version 0), or QuickTime (1). For tests. */
export function audioEntry(version: number): Uint8Array<ArrayBuffer> {
	const specific = [5, 2, 0x11, 0x90];
	const config = [4, 13 + specific.length, 0x40, ...Array.from({ length: 12 }, () => 0), ...specific];
	const stream = [3, 0x80, 3 + config.length, 0, 1, 0, ...config];
	const esds = writeBox("esds", new Uint8Array([0, 0, 0, 0, ...stream]));
	if (version === 0) return writeBox("mp4a", new Uint8Array(28), esds);
	const fields = new Uint8Array(44);
	dataView(fields).setUint16(8, version);
	return writeBox("mp4a", fields, writeBox("wave", writeBox("frma", new Uint8Array(4)), esds));
}

function header(entry: Uint8Array, timescale: number): Uint8Array<ArrayBuffer> {
	const stsd = writeBox("stsd", fullBoxBody(0, 0, [1]), entry);
	const mdhd = writeBox("mdhd", fullBoxBody(0, 0, [0, 0, timescale, 0, 0]));
	const media = writeBox("mdia", mdhd, writeBox("minf", writeBox("stbl", stsd)));
	const trex = writeBox("trex", fullBoxBody(0, 0, [1, 1, 0, 0, 0]));
	return concatBytes([
		writeBox(
			"ftyp",
			Uint8Array.from("cmfc\0\0\0\0cmfc", (letter) => letter.charCodeAt(0)),
		),
		writeBox("moov", writeBox("trak", media), writeBox("mvex", trex)),
	]);
}
