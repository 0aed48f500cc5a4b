import { signMediaAccess, verifyMediaAccess } from "../../adapters/media-signature.ts";
import { parseRange } from "../../domain/streaming/byte-range.ts";
import { segmentKey } from "../../durable-objects/live-media.ts";
import { unwrap } from "../../durable-objects/outcome.ts";
import { AppError } from "../../protocol/errors.ts";
import { StreamID } from "../../protocol/ids.ts";
import { RenditionName } from "../../protocol/media-job.ts";
import { type App, type AppContext, parse } from "../route.ts";
import type { Services } from "../services.ts";

const PLAYLIST = "application/vnd.apple.mpegurl";
const IMMUTABLE = "public, max-age=31536000, immutable";

/** Playlists and segments below a signed prefix (CONTRACT §5 rows 47–49). */
export function mountMedia(app: App): void {
	app.get("/media/:streamID/master.m3u8", async (context) => {
		const { services, streamID } = await openSigned(context);
		const { query } = await signMediaAccess(await services.mac(), streamID, Date.now());
		const text = unwrap(await services.liveStream(streamID).primaryPlaylist(query));
		return answerPlaylist(context, text, "public, max-age=1");
	});

	app.get("/media/:streamID/manifest.mpd", async (context) => {
		const { services, streamID } = await openSigned(context);
		const { query } = await signMediaAccess(await services.mac(), streamID, Date.now());
		const text = unwrap(await services.liveStream(streamID).dashManifest(query));
		return context.body(text, 200, {
			"Content-Type": "application/dash+xml",
			"Cache-Control": "public, max-age=1",
		});
	});

	app.get("/media/:streamID/:rendition/playlist.m3u8", async (context) => {
		const { services, streamID } = await openSigned(context);
		const { query } = await signMediaAccess(await services.mac(), streamID, Date.now());
		const wanted = readReload(context);
		const { text, isEnded } = unwrap(
			await services.liveStream(streamID).mediaPlaylist({
				rendition: readRendition(context),
				query,
				canSkip: context.req.query("_HLS_skip") !== undefined,
				isWhole: context.req.query("dvr") === "full",
				wanted,
			}),
		);
		const lifetime = isEnded ? 300 : wanted ? 60 : 1;
		return answerPlaylist(context, text, `public, max-age=${lifetime}`);
	});

	app.get("/media/:streamID/:rendition/seg/:name", async (context) => {
		const { services, streamID } = await openSigned(context);
		const at = { rendition: readRendition(context), name: context.req.param("name") };
		const bytes = await findMedia(services, streamID, at);
		if (!bytes) throw new AppError("segment-gone", "There is no such segment.");
		return answerBytes(context, bytes, `${streamID}-${at.rendition}-${at.name}`);
	});
}

async function openSigned(context: AppContext): Promise<{ services: Services; streamID: StreamID }> {
	const services = context.get("services");
	const streamID = StreamID.parse(parse(StreamID, context.req.param("streamID"), "/params"));
	await verifyMediaAccess(await services.mac(), streamID, new URL(context.req.url).searchParams, Date.now());
	return { services, streamID };
}

function readRendition(context: AppContext): string {
	return RenditionName.parse(parse(RenditionName, context.req.param("rendition"), "/params"));
}

/** `_HLS_msn` and `_HLS_part` (RFC 8216bis §6.2.5.2); a part without a segment is an error. */
function readReload(context: AppContext): { segment: number; part: number | null } | null {
	const segment = readNumber(context, "_HLS_msn");
	const part = readNumber(context, "_HLS_part");
	if (segment === null && part !== null) throw new AppError("bad-request", "_HLS_part needs _HLS_msn.");
	return segment === null ? null : { segment, part };
}

function readNumber(context: AppContext, name: string): number | null {
	const text = context.req.query(name);
	if (text === undefined) return null;
	if (!/^\d{1,9}$/.test(text)) throw new AppError("bad-request", `${name} is a decimal number.`);
	return Number(text);
}

/** `init-{epoch}.mp4`, `{segment}.{part}.m4s` or `{segment}.m4s`. */
async function findMedia(
	services: Services,
	streamID: StreamID,
	at: { rendition: string; name: string },
): Promise<ArrayBuffer | null> {
	const live = services.liveStream(streamID);
	const [, epoch] = /^init-(\d{1,9})\.mp4$/.exec(at.name) ?? [];
	if (epoch !== undefined) return live.init(Number(epoch), at.rendition);
	const [, number, part] = /^(\d{1,9})(?:\.(\d{1,3}))?\.m4s$/.exec(at.name) ?? [];
	if (number === undefined) return null;
	const segment = { rendition: at.rendition, number: Number(number) };
	if (part !== undefined) return live.part({ ...segment, part: Number(part) });
	const stored = await services.env.MEDIA.get(segmentKey(streamID, segment));
	if (stored) return stored.arrayBuffer();
	const recent = await live.segment(segment);
	return recent ? new Uint8Array(recent).buffer : null;
}

function answerPlaylist(context: AppContext, text: string, cacheControl: string): Response {
	return context.body(text, 200, { "Content-Type": PLAYLIST, "Cache-Control": cacheControl });
}

/** Whole or in part (206, 416); as a download if asked (`dl=1` or `Accept: application/octet-stream`, 004:213). */
function answerBytes(context: AppContext, bytes: ArrayBuffer, fileName: string): Response {
	const range = parseRange(context.req.header("range"), bytes.byteLength);
	if (range === "unsatisfiable") {
		throw new AppError("range-not-satisfiable", "The range lies outside the segment.", {
			headers: { "Content-Range": `bytes */${bytes.byteLength}` },
		});
	}
	const isDownload =
		context.req.query("dl") === "1" || context.req.header("accept") === "application/octet-stream";
	const headers = {
		"Content-Type": isDownload
			? "application/octet-stream"
			: fileName.endsWith(".mp4")
				? "video/mp4"
				: "video/iso.segment",
		"Cache-Control": IMMUTABLE,
		"Accept-Ranges": "bytes",
		ETag: `"${fileName}"`,
		...(isDownload ? { "Content-Disposition": `attachment; filename="${fileName}"` } : {}),
	};
	if (!range) return context.body(bytes, 200, headers);
	return context.body(bytes.slice(range.start, range.end + 1), 206, {
		...headers,
		"Content-Range": `bytes ${range.start}-${range.end}/${bytes.byteLength}`,
	});
}
