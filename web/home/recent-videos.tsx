import type { JSX } from "preact";
import { getChannel } from "../../protocol/channel.ts";
import type { ChannelID } from "../../protocol/ids.ts";
import { listVideos, type Video } from "../../protocol/vod.ts";
import { listProgress } from "../../protocol/vod-watching.ts";
import { session } from "../account/session.ts";
import { call } from "../shell/api.ts";
import controls from "../shell/controls.module.css";
import { Icon } from "../shell/icons.tsx";
import { type Resource, useResource } from "../shell/resource.ts";
import { VideoCard } from "../vod/video-card.tsx";
import { CardSkeleton } from "./cards.tsx";
import styles from "./home-page.module.css";

const SHOWN = 8;
const SKELETONS = 4;
/** Who is this near to the end, or to the start, is not in the middle of it. */
const MIDDLE = { from: 0.02, to: 0.95 } as const;

interface Shown {
	video: Video;
	channelName: string;
	/** 0 to 1; null: not begun. */
	watched: number | null;
}

/** What everybody may see, newest first. */
export function RecentVideosRow(): JSX.Element | null {
	const recent = useResource("recent-videos", loadRecent);
	return <Row id="videos" title="Videos and audio" shown={recent} />;
}

/** What this person stopped in the middle of. Nothing without an account. */
export function ContinueRow(): JSX.Element | null {
	const userID = session.value.kind === "signed-in" ? session.value.user.userID : null;
	const begun = useResource(`continue ${userID}`, (signal) =>
		userID === null ? Promise.resolve([]) : loadBegun(signal),
	);
	// Only an offer: while it is on its way, and when it does not come, there is nothing to say.
	if (begun.value === undefined || begun.value.length === 0) return null;
	return <Row id="continue" title="Continue watching" shown={begun} />;
}

function Row({
	id,
	title,
	shown,
}: {
	id: string;
	title: string;
	shown: Resource<Shown[]>;
}): JSX.Element | null {
	if (shown.value?.length === 0) return null;
	return (
		<section aria-labelledby={id} aria-busy={shown.value === undefined && shown.failure === null}>
			<header class={styles.rowHeader}>
				<h2 id={id} class={styles.rowTitle}>
					{title}
				</h2>
			</header>
			{shown.value === undefined ? <Waiting failure={shown.failure} reload={shown.reload} /> : null}
			<ul class={styles.grid}>
				{(shown.value ?? []).map(({ video, channelName, watched }) => (
					<VideoCard key={video.videoID} video={video} channelName={channelName} watched={watched} />
				))}
			</ul>
		</section>
	);
}

function Waiting({ failure, reload }: { failure: unknown; reload: () => void }): JSX.Element {
	if (failure !== null) {
		return (
			<p class={styles.stale}>
				They did not load.
				<button type="button" class={controls.quiet} onClick={reload}>
					<Icon name="retry" size={16} />
					Try again
				</button>
			</p>
		);
	}
	return (
		<div class={styles.grid} aria-hidden="true">
			{Array.from({ length: SKELETONS }, (_, index) => (
				<CardSkeleton key={index} />
			))}
		</div>
	);
}

async function loadRecent(signal: AbortSignal): Promise<Shown[]> {
	const { items } = await call(listVideos, { query: { limit: SHOWN } }, { signal });
	return await withNames(items, signal);
}

async function loadBegun(signal: AbortSignal): Promise<Shown[]> {
	const { items } = await call(listProgress, { query: { limit: SHOWN } }, { signal });
	const shown = await withNames(
		items.map(({ video }) => video),
		signal,
	);
	return shown.flatMap((each, index) => {
		const watched = (items[index]?.positionMs ?? 0) / (each.video.durationMs ?? Number.POSITIVE_INFINITY);
		return watched < MIDDLE.from || watched > MIDDLE.to ? [] : [{ ...each, watched }];
	});
}

/** A channel that cannot be asked about leaves its works without its name. */
async function withNames(videos: readonly Video[], signal: AbortSignal): Promise<Shown[]> {
	const ids = [...new Set(videos.map(({ channelID }) => channelID).filter((id) => id !== null))];
	const names = await Promise.all(ids.map((channelID) => nameOf(channelID, signal)));
	const byID = new Map(ids.map((id, index) => [id, names[index] ?? ""]));
	return videos.map((video) => ({
		video,
		channelName: video.channelID === null ? "" : (byID.get(video.channelID) ?? ""),
		watched: null,
	}));
}

async function nameOf(channelID: ChannelID, signal: AbortSignal): Promise<string> {
	try {
		return (await call(getChannel, { params: { channelID } }, { signal })).name;
	} catch {
		return "";
	}
}
