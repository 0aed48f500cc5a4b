import type { JSX } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { useLocation } from "preact-iso";
import { type CallHistoryItem, listCalls } from "../../protocol/call.ts";
import { Avatar } from "../call/avatar.tsx";
import { ring } from "../call/ring.ts";
import { onSettled } from "../notification/notifications.ts";
import { call } from "../shell/api.ts";
import controls from "../shell/controls.module.css";
import { Icon, type IconName } from "../shell/icons.tsx";
import { useResource } from "../shell/resource.ts";
import { serverClock } from "../shell/server-clock.ts";
import { formatAgo, formatClock } from "../shell/time.ts";
import styles from "./contacts.module.css";
import { historyWords } from "./history-words.ts";

const PAGE = 30;

/** The calls there were, newest first; missed ones stand out. */
export function CallHistory(): JSX.Element {
	const [isMissedOnly, setMissedOnly] = useState(false);
	const [limit, setLimit] = useState(PAGE);
	const history = useResource(`calls ${limit}`, (signal) =>
		call(listCalls, { query: { limit } }, { signal }),
	);
	const last = useRef<{ items: readonly CallHistoryItem[]; nextCursor: string | null } | null>(null);
	if (history.value !== undefined) last.current = history.value;
	const { reload } = history;
	useEffect(() => onSettled(reload), [reload]);
	const items = last.current?.items ?? [];
	const shown = isMissedOnly ? items.filter((item) => historyWords(item).isMissed) : items;
	return (
		<section class={styles.history} aria-label="Call history" data-testid="call-history">
			<header class={styles.historyHead}>
				<h2>Calls</h2>
				<Filter isMissedOnly={isMissedOnly} choose={setMissedOnly} />
			</header>
			{last.current !== null && shown.length === 0 ? (
				<p class={styles.none}>{isMissedOnly ? "No missed calls." : "No calls yet."}</p>
			) : null}
			{history.failure !== null && last.current === null ? (
				<p class={styles.none}>
					The calls did not load.
					<button type="button" class={controls.quiet} onClick={reload}>
						Try again
					</button>
				</p>
			) : null}
			<ul>
				{shown.map((item) => (
					<HistoryRow key={item.callID} item={item} />
				))}
			</ul>
			{(last.current?.nextCursor ?? null) === null || limit >= 100 ? null : (
				<button type="button" class={controls.quiet} onClick={() => setLimit(100)}>
					Show older calls
				</button>
			)}
		</section>
	);
}

function Filter({
	isMissedOnly,
	choose,
}: {
	isMissedOnly: boolean;
	choose: (isMissedOnly: boolean) => void;
}): JSX.Element {
	return (
		<div class={controls.segmented} role="radiogroup" aria-label="Which calls">
			{[false, true].map((each) => (
				// biome-ignore lint/a11y/useSemanticElements: a segmented control; arrows are not needed for two.
				<button
					key={String(each)}
					type="button"
					role="radio"
					class={controls.segment}
					aria-checked={each === isMissedOnly}
					onClick={() => choose(each)}
				>
					{each ? "Missed" : "All"}
				</button>
			))}
		</div>
	);
}

function HistoryRow({ item }: { item: CallHistoryItem }): JSX.Element {
	const { who, what, isMissed } = historyWords(item);
	const [other, ...more] = item.others;
	const startedAt = Date.parse(item.startedAt ?? item.createdAt);
	const length =
		item.startedAt === null || item.endedAt === null
			? ""
			: ` · ${formatClock(Date.parse(item.endedAt) - Date.parse(item.startedAt))}`;
	return (
		<li class={styles.row} data-missed={isMissed} data-outcome={item.outcome}>
			<Avatar userID={other?.userID ?? item.callID} name={who} size={36} />
			<span class={styles.who}>
				{who}
				<small>
					<Icon name={iconOf(item)} size={14} />
					{what} · {formatAgo(startedAt, serverClock.at(Date.now()))}
					{length}
				</small>
			</span>
			{other === undefined || more.length > 0 ? <BackIn item={item} /> : <CallBack item={item} />}
		</li>
	);
}

function iconOf({ direction }: CallHistoryItem): IconName {
	return direction === "incoming" ? "arrowIn" : "arrowOut";
}

/** A call that goes on can be entered again. */
function BackIn({ item }: { item: CallHistoryItem }): JSX.Element | null {
	if (item.state !== "open" || item.endedAt !== null) return null;
	return (
		<a class={controls.quiet} href={`/meet/${item.code}`}>
			Join
		</a>
	);
}

function CallBack({ item }: { item: CallHistoryItem }): JSX.Element | null {
	const { route } = useLocation();
	const [other] = item.others;
	if (other === undefined) return null;
	if (item.state === "open" && item.endedAt === null) return <BackIn item={item} />;
	return (
		<button
			type="button"
			class={controls.icon}
			aria-label={`Call ${other.displayName}`}
			title={`Call ${other.displayName}`}
			onClick={() => void ring(other.userID, item.kind, route)}
		>
			<Icon name={item.kind === "video" ? "camera" : "phone"} />
		</button>
	);
}
