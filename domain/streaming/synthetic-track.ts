import { dataView, fullBoxBody, writeBox } from "./boxes.ts";
import { concatBytes } from "./fragment-reader.ts";

/** A CMAF header with one H.264 track (timescale 90000), as small as readers accept. For tests. */
export function videoHeader(
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
	return header(writeBox("avc1", entry, ...boxes), 90_000);
}

/** A CMAF header with one AAC-LC track (timescale 48000). For tests. */
export function audioHeader(): Uint8Array<ArrayBuffer> {
	const specific = [5, 2, 0x11, 0x90];
	const config = [4, 13 + specific.length, 0x40, ...Array.from({ length: 12 }, () => 0), ...specific];
	const stream = [3, 0x80, 3 + config.length, 0, 1, 0, ...config];
	const esds = writeBox("esds", new Uint8Array([0, 0, 0, 0, ...stream]));
	return header(writeBox("mp4a", new Uint8Array(28), esds), 48_000);
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
