import type { ComponentChildren, JSX } from "preact";
import type { Channel } from "../../../protocol/channel.ts";
import controls from "../../shell/controls.module.css";
import { CopyButton } from "../../shell/copy-button.tsx";
import { Icon } from "../../shell/icons.tsx";
import { useNow } from "../../shell/resource.ts";
import { serverClock } from "../../shell/server-clock.ts";
import { formatAgo, formatClock, plural } from "../../shell/time.ts";
import styles from "./watch.module.css";

/** Title, channel, and how it stands, below the picture. */
export function StreamInfo({
	channel,
	title,
	isLive,
	watchers,
	startedAt,
	endedAt,
	path,
	children,
}: {
	channel: Channel;
	title: string;
	isLive: boolean;
	watchers: number | null;
	/** ms since 1970 */
	startedAt: number | null;
	endedAt: number | null;
	/** Address of this page, to share. */
	path: string;
	/** Further buttons. */
	children?: ComponentChildren;
}): JSX.Element {
	return (
		<section class={styles.info} aria-label="About this stream">
			<div class={styles.infoHead}>
				<h1 class={styles.title}>{title}</h1>
				<div class={styles.facts}>
					{isLive && watchers !== null ? (
						<span class={controls.badge} data-testid="watchers">
							<Icon name="eye" size={14} />
							{plural(watchers, "viewer")}
						</span>
					) : null}
					<When isLive={isLive} startedAt={startedAt} endedAt={endedAt} />
				</div>
			</div>
			<div class={styles.infoRow}>
				<a class={styles.channel} href={`/@${channel.handle}`}>
					<span class={styles.avatar} aria-hidden="true">
						{channel.name.slice(0, 1).toUpperCase()}
					</span>
					<span>
						<strong>{channel.name}</strong>
						<small>@{channel.handle}</small>
					</span>
				</a>
				<span class={styles.push} />
				{children}
				<CopyButton
					class={controls.button}
					text={new URL(path, location.href).href}
					label="Share: copy the link"
				>
					<span>Share</span>
				</CopyButton>
			</div>
			{channel.description === "" ? null : <p class={styles.description}>{channel.description}</p>}
		</section>
	);
}

function When({
	isLive,
	startedAt,
	endedAt,
}: {
	isLive: boolean;
	startedAt: number | null;
	endedAt: number | null;
}): JSX.Element | null {
	const now = serverClock.at(useNow(1000));
	if (startedAt === null) return null;
	if (isLive) {
		return (
			<span class={controls.badge} title="On air for">
				<Icon name="clock" size={14} />
				<span class="visually-hidden">On air for </span>
				{formatClock(now - startedAt)}
			</span>
		);
	}
	return <span class={controls.badge}>Streamed {formatAgo(endedAt ?? startedAt, now)}</span>;
}
