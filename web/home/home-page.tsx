import type { JSX } from "preact";
import { type Channel, listChannels } from "../../protocol/channel.ts";
import { call } from "../shell/api.ts";
import controls from "../shell/controls.module.css";
import { FailurePanel } from "../shell/failure-panel.tsx";
import { Icon } from "../shell/icons.tsx";
import { usePageTitle } from "../shell/page-title.ts";
import { type Resource, useResource } from "../shell/resource.ts";
import { CardSkeleton, LiveCard, RecordingCard } from "./cards.tsx";
import styles from "./home-page.module.css";
import { loadRecentStreams, type RecentStream } from "./recent-streams.ts";
import { ContinueRow, RecentVideosRow } from "./recent-videos.tsx";

/** How often the live row is fetched again while the page is visible, ms. */
const LIVE_EVERY_MS = 15_000;
const SKELETONS = 4;
/** With as few live channels as this, the most watched one stands in front. */
const FEATURE_UP_TO = 3;

/** `/`: who is live, what was on, and the way to go live. */
export function HomePage(): JSX.Element {
	usePageTitle(null);
	const live = useResource("live", loadLive, { everyMs: LIVE_EVERY_MS });
	const recent = useResource("recent", loadRecentStreams);
	return (
		<div class={styles.page}>
			<LiveRow live={live} />
			<ContinueRow />
			<RecentVideosRow />
			<RecentRow recent={recent} />
		</div>
	);
}

async function loadLive(signal: AbortSignal): Promise<Channel[]> {
	const { items } = await call(listChannels, { query: { live: "true", limit: 24 } }, { signal });
	return items.filter((channel) => channel.currentStreamInfo !== null);
}

function LiveRow({ live }: { live: Resource<Channel[]> }): JSX.Element {
	const count = live.value?.length ?? 0;
	return (
		<section aria-labelledby="live-now" aria-busy={live.isLoading && live.value === undefined}>
			<header class={styles.rowHeader}>
				<h1 id="live-now" class={styles.rowTitle}>
					<span class={styles.tally} data-on={count > 0} aria-hidden="true" />
					Live now
					{count > 0 ? <span class={styles.count}>{count}</span> : null}
				</h1>
				{live.failure !== null && live.value !== undefined ? <StaleNote reload={live.reload} /> : null}
				{count > 0 ? (
					<a class={`${controls.button} ${styles.startCall}`} href="/meet/new">
						<Icon name="camera" />
						Start a call
					</a>
				) : null}
			</header>
			<LiveCards live={live} />
		</section>
	);
}

function LiveCards({ live }: { live: Resource<Channel[]> }): JSX.Element {
	if (live.value === undefined) {
		if (live.failure !== null) return <FailurePanel error={live.failure} retry={live.reload} />;
		return <Skeletons />;
	}
	if (live.value.length === 0) return <NobodyLive />;
	const channels = live.value;
	return (
		<ul class={styles.grid} data-testid="live-row">
			{channels.map((channel, index) => (
				<LiveCard
					key={channel.channelID}
					channel={channel}
					isFeatured={index === 0 && channels.length <= FEATURE_UP_TO}
				/>
			))}
		</ul>
	);
}

function NobodyLive(): JSX.Element {
	return (
		<div class={styles.empty} data-testid="nobody-live">
			<div class={styles.offAir} aria-hidden="true">
				<span />
				Off air
			</div>
			<h2>Nobody is live. Start one in 30 seconds.</h2>
			<p>A camera and this browser are enough. OBS and other encoders work too.</p>
			<div class={styles.emptyActions}>
				<a class={`${controls.primary} ${controls.large}`} href="/studio">
					<Icon name="broadcast" />
					Go live
				</a>
				<a class={`${controls.button} ${controls.large}`} href="/meet/new">
					<Icon name="camera" />
					Start a call
				</a>
			</div>
		</div>
	);
}

function StaleNote({ reload }: { reload: () => void }): JSX.Element {
	return (
		<p class={styles.stale} role="status">
			<Icon name="alert" size={16} />
			Not up to date
			<button type="button" class={controls.quiet} onClick={reload}>
				<Icon name="retry" size={16} />
				Try again
			</button>
		</p>
	);
}

function RecentRow({ recent }: { recent: Resource<RecentStream[]> }): JSX.Element | null {
	if (recent.value?.length === 0) return null;
	return (
		<section aria-labelledby="recent" aria-busy={recent.value === undefined && recent.failure === null}>
			<header class={styles.rowHeader}>
				<h2 id="recent" class={styles.rowTitle}>
					Recent streams
				</h2>
			</header>
			<RecentCards recent={recent} />
		</section>
	);
}

function RecentCards({ recent }: { recent: Resource<RecentStream[]> }): JSX.Element {
	if (recent.value === undefined) {
		if (recent.failure === null) return <Skeletons />;
		return (
			<p class={styles.stale}>
				Recent streams did not load.
				<button type="button" class={controls.quiet} onClick={recent.reload}>
					<Icon name="retry" size={16} />
					Try again
				</button>
			</p>
		);
	}
	return (
		<ul class={styles.grid}>
			{recent.value.map(({ channel, stream }) => (
				<RecordingCard
					key={stream.streamID}
					stream={stream}
					channel={{ channelID: channel.channelID, name: channel.name }}
				/>
			))}
		</ul>
	);
}

function Skeletons(): JSX.Element {
	return (
		<div class={styles.grid} aria-hidden="true">
			{Array.from({ length: SKELETONS }, (_, index) => (
				<CardSkeleton key={index} />
			))}
		</div>
	);
}
