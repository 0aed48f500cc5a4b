import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import type { Video } from "../../protocol/vod.ts";
import type { RostrumPlayer } from "../live/player/player-element.tsx";
import { formatClock } from "../shell/time.ts";
import styles from "./vod-view.module.css";

/** Chapters to go to; the one that is on is marked. */
export function ChapterList({
	video,
	player,
}: {
	video: Video;
	player: RostrumPlayer | null;
}): JSX.Element | null {
	const nowMs = usePositionMs(player);
	const { chapters } = video;
	if (chapters.length === 0) return null;
	const current = chapters.filter(({ startsAtMs }) => startsAtMs <= nowMs + 50).length - 1;
	return (
		<section class={styles.chapters} aria-labelledby="chapters">
			<h2 id="chapters" class={styles.heading}>
				Chapters
			</h2>
			<ol>
				{chapters.map(({ startsAtMs, title }, index) => (
					<li key={startsAtMs}>
						<button
							type="button"
							class={styles.chapter}
							aria-current={index === current ? "true" : undefined}
							onClick={() => {
								if (player?.video) player.video.currentTime = startsAtMs / 1000;
							}}
						>
							<span class={styles.clock}>{formatClock(startsAtMs)}</span>
							{title}
						</button>
					</li>
				))}
			</ol>
		</section>
	);
}

/** Where the picture is, to a quarter of a second. */
export function usePositionMs(player: RostrumPlayer | null): number {
	const [positionMs, setPosition] = useState(0);
	useEffect(() => {
		const video = player?.video;
		if (!video) return;
		const listening = new AbortController();
		const { signal } = listening;
		const take = () => setPosition(video.currentTime * 1000);
		for (const name of ["timeupdate", "seeking", "seeked"]) video.addEventListener(name, take, { signal });
		return () => listening.abort();
	}, [player]);
	return positionMs;
}
