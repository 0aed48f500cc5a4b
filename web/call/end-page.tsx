import type { JSX } from "preact";
import { useLocation, useRoute } from "preact-iso";
import controls from "../shell/controls.module.css";
import { Icon } from "../shell/icons.tsx";
import { usePageTitle } from "../shell/page-title.ts";
import { formatClock } from "../shell/time.ts";
import { CallAgain } from "./call-again.tsx";
import { type EndingReason, endingWords, isEndingReason } from "./ending.ts";
import { type LastCall, recallLastCall } from "./last-call.ts";
import styles from "./notice.module.css";

/** `/meet/:code/end`: how it ended, and what can be done now. */
export function EndPage(): JSX.Element {
	const code = useRoute().params.code ?? "";
	const { query } = useLocation();
	const last = recallLastCall(code);
	const reason = reasonOf(last?.reason ?? query.reason);
	const words = endingWords(reason, last?.other?.displayName ?? null);
	usePageTitle(words.title);
	return (
		<div class={styles.notice} data-testid="call-end" data-reason={reason}>
			<span class={styles.emblem} aria-hidden="true">
				<Icon name={CALM.has(reason) ? "phoneDown" : "alert"} size={28} />
			</span>
			<h1>{words.title}</h1>
			<p>{words.text}</p>
			{last === null || last.durationMs === null ? null : <Facts last={last} durationMs={last.durationMs} />}
			<div class={styles.actions}>
				<Actions code={code} next={words.next} last={last} />
			</div>
		</div>
	);
}

/** Nothing went wrong: it is over, or somebody did not take the call. */
const CALM: ReadonlySet<EndingReason> = new Set([
	"left",
	"host",
	"empty",
	"over",
	"declined",
	"busy",
	"missed",
	"cancelled",
	"elsewhere",
]);

function reasonOf(text: string | undefined): EndingReason {
	return text !== undefined && isEndingReason(text) ? text : "left";
}

function Facts({ last, durationMs }: { last: LastCall; durationMs: number }): JSX.Element {
	return (
		<dl class={styles.facts}>
			<div>
				<dt>You were in the call for</dt>
				<dd>{formatClock(durationMs)}</dd>
			</div>
			{last.title === "" ? null : (
				<div>
					<dt>Call</dt>
					<dd>{last.title}</dd>
				</div>
			)}
		</dl>
	);
}

function Actions({
	code,
	next,
	last,
}: {
	code: string;
	next: ReturnType<typeof endingWords>["next"];
	last: LastCall | null;
}): JSX.Element {
	const large = `${controls.primary} ${controls.large}`;
	const other = last?.other ?? null;
	return (
		<>
			{next === "rejoin" ? (
				<a class={large} href={`/meet/${code}`}>
					<Icon name="retry" />
					Rejoin
				</a>
			) : null}
			{next === "call-again" && other !== null ? (
				<CallAgain userID={other.userID} kind={last?.kind ?? "video"} />
			) : null}
			{next === "new-call" || (next === "call-again" && other === null) ? (
				<a class={large} href="/meet/new">
					<Icon name="camera" />
					New call
				</a>
			) : null}
			<a class={`${next === "home" ? controls.primary : controls.button} ${controls.large}`} href="/">
				Home
			</a>
		</>
	);
}
