import type { VideoRow } from "../../adapters/database/video-table.ts";
import { objectKey } from "../../domain/vod/object-key.ts";
import { type Episode, renderFeed } from "../../domain/vod/podcast-feed.ts";
import { AppError } from "../../protocol/errors.ts";
import { ChannelReference, VideoID } from "../../protocol/ids.ts";
import { answerObject } from "../object-answer.ts";
import { type App, type AppContext, parse } from "../route.ts";
import type { Services } from "../services.ts";
import { posterKey, trackKey } from "../viewing.ts";

const EPISODES = 100;
const PUBLIC = "public, max-age=300";

/** A channel's public audio works as a podcast. Its addresses do not expire, and open only what is public at that moment. */
export function mountPodcast(app: App): void {
	app.get("/channels/:channelID/feed.xml", async (context) => {
		const services = context.get("services");
		const reference = ChannelReference.parse(
			parse(ChannelReference, context.req.param("channelID"), "/params"),
		);
		const channel = await services.channels.get(reference);
		const owner = await services.users.find(channel.ownerID);
		const rows = await services.videos.listFeed(channel.channelID, "audio", EPISODES);
		const { origin } = new URL(context.req.url);
		const episodes = await Promise.all(rows.map((row) => describeEpisode(services, row, origin)));
		const text = renderFeed({
			title: channel.name,
			description: channel.description,
			link: `${origin}/@${channel.handle}`,
			selfURL: `${origin}/channels/${channel.channelID}/feed.xml`,
			author: owner?.displayName ?? channel.name,
			imageURL: episodes.find((episode) => episode?.imageURL)?.imageURL ?? null,
			episodes: episodes.flatMap((episode) => episode ?? []),
		});
		return context.body(text, 200, {
			"Content-Type": "application/rss+xml; charset=utf-8",
			"Cache-Control": PUBLIC,
		});
	});

	app.get("/videos/:videoID/episode/:name", async (context) => {
		const { services, row } = await publicWork(context);
		const name = context.req.param("name");
		if (name === "chapters.json") return answerChapters(context, row);
		const key = await findKey(services, row, name);
		if (key === null) throw new AppError("not-found", "There is nothing here.");
		return answerObject(context, services.env.MEDIA, {
			key: objectKey(row.videoID, key),
			cacheControl: PUBLIC,
			contentType: key.endsWith(".m4a") ? "audio/mp4" : undefined,
		});
	});
}

async function describeEpisode(services: Services, row: VideoRow, origin: string): Promise<Episode | null> {
	const sound = await services.env.MEDIA.head(objectKey(row.videoID, "download.m4a"));
	if (!sound) return null;
	const tracks = await services.captions.list(row.videoID);
	const base = `${origin}/videos/${row.videoID}/episode`;
	return {
		guid: row.videoID,
		title: row.title,
		description: row.description,
		link: `${origin}/watch/${row.videoID}`,
		publishedAt: row.publishedAt ?? row.createdAt,
		durationSeconds: (row.durationMs ?? 0) / 1000,
		enclosure: { url: `${base}/sound.m4a`, sizeBytes: sound.size, type: "audio/mp4" },
		imageURL: posterKey(row) === null ? null : `${base}/poster`,
		chaptersURL: row.chapters.length > 0 ? `${base}/chapters.json` : null,
		transcripts: tracks.map(({ language }) => ({ url: `${base}/transcript-${language}.vtt`, language })),
	};
}

async function publicWork(context: AppContext): Promise<{ services: Services; row: VideoRow }> {
	const services = context.get("services");
	const videoID = VideoID.parse(parse(VideoID, context.req.param("videoID"), "/params"));
	const row = await services.videos.get(videoID);
	const isPublic = row.visibility === "public" && row.state === "ready" && row.deletedAt === null;
	if (!isPublic || row.kind !== "audio") throw new AppError("not-found", "There is no such episode.");
	return { services, row };
}

async function findKey(services: Services, row: VideoRow, name: string): Promise<string | null> {
	if (name === "sound.m4a") return "download.m4a";
	if (name === "poster") return posterKey(row);
	const [, language] = /^transcript-([A-Za-z0-9-]+)\.vtt$/.exec(name) ?? [];
	const tracks = language === undefined ? [] : await services.captions.list(row.videoID);
	const track = tracks.find((item) => item.language === language);
	return track ? trackKey(track) : null;
}

/** https://github.com/Podcastindex-org/podcast-namespace/blob/main/docs/examples/chapters/jsonChapters.md */
function answerChapters(context: AppContext, row: VideoRow): Response {
	const chapters = row.chapters.map(({ startsAtMs, title }) => ({ startTime: startsAtMs / 1000, title }));
	return context.body(JSON.stringify({ version: "1.2.0", chapters }), 200, {
		"Content-Type": "application/json+chapters",
		"Cache-Control": PUBLIC,
	});
}
