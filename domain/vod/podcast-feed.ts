/** A channel as a podcast. Addresses are absolute. */
export interface Feed {
	title: string;
	description: string;
	link: string;
	selfURL: string;
	author: string;
	imageURL: string | null;
	episodes: Episode[];
}

export interface Episode {
	guid: string;
	title: string;
	description: string;
	link: string;
	/** Milliseconds since the Unix epoch. */
	publishedAt: number;
	durationSeconds: number;
	enclosure: { url: string; sizeBytes: number; type: string };
	imageURL: string | null;
	chaptersURL: string | null;
	transcripts: { url: string; language: string }[];
}

/**
 * RSS 2.0 (https://www.rssboard.org/rss-specification) with Apple's and the podcast namespace
 * (https://podcasting2.org/podcast-namespace).
 */
export function renderFeed(feed: Feed): string {
	return [
		'<?xml version="1.0" encoding="UTF-8"?>',
		'<rss version="2.0" xmlns:atom="http://www.w3.org/2005/Atom" xmlns:itunes="http://www.itunes.com/dtds/podcast-1.0.dtd" xmlns:podcast="https://podcastindex.org/namespace/1.0">',
		"<channel>",
		element("title", feed.title),
		element("link", feed.link),
		element("description", feed.description === "" ? feed.title : feed.description),
		`<atom:link href="${escapeText(feed.selfURL)}" rel="self" type="application/rss+xml"/>`,
		element("itunes:author", feed.author),
		element("itunes:explicit", "false"),
		...image(feed.imageURL),
		...feed.episodes.flatMap(renderEpisode),
		"</channel>",
		"</rss>",
		"",
	].join("\n");
}

function renderEpisode(episode: Episode): string[] {
	const { url, sizeBytes, type } = episode.enclosure;
	return [
		"<item>",
		element("title", episode.title),
		element("link", episode.link),
		element("description", episode.description),
		`<guid isPermaLink="false">${escapeText(episode.guid)}</guid>`,
		element("pubDate", new Date(episode.publishedAt).toUTCString()),
		`<enclosure url="${escapeText(url)}" length="${sizeBytes}" type="${escapeText(type)}"/>`,
		element("itunes:duration", String(Math.round(episode.durationSeconds))),
		...image(episode.imageURL),
		...(episode.chaptersURL === null
			? []
			: [`<podcast:chapters url="${escapeText(episode.chaptersURL)}" type="application/json+chapters"/>`]),
		...episode.transcripts.map(
			({ url: transcript, language }) =>
				`<podcast:transcript url="${escapeText(transcript)}" type="text/vtt" language="${escapeText(language)}"/>`,
		),
		"</item>",
	];
}

function image(url: string | null): string[] {
	return url === null ? [] : [`<itunes:image href="${escapeText(url)}"/>`];
}

function element(name: string, text: string): string {
	return `<${name}>${escapeText(text)}</${name}>`;
}

/** XML 1.0 §2.2 knows no control characters but tab and line breaks, not even escaped. */
function escapeText(text: string): string {
	return Array.from(text)
		.filter((sign) => sign >= " " || sign === "\t" || sign === "\n" || sign === "\r")
		.join("")
		.replaceAll("&", "&amp;")
		.replaceAll("<", "&lt;")
		.replaceAll(">", "&gt;")
		.replaceAll('"', "&quot;");
}
