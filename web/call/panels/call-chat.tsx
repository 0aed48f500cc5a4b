import type { JSX } from "preact";
import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import { SIGNAL_LIMITS } from "../../../protocol/signal.ts";
import { hueOf } from "../../chat/name-hue.ts";
import controls from "../../shell/controls.module.css";
import { Icon } from "../../shell/icons.tsx";
import type { CallSession } from "../engine/call-session.ts";
import type { CallChatLine } from "../engine/call-types.ts";
import styles from "./chat.module.css";
import { type ChatGroup, groupLines, splitLinks } from "./chat-groups.ts";

/** Nearer to the end than this counts as being at it, px. */
const AT_END_PX = 60;
const COUNT_FROM = 200;

/** What is written in the call. Late comers read what was said before. */
export function CallChat({ call }: { call: CallSession }): JSX.Element {
	return (
		<>
			<Lines call={call} />
			<Composer call={call} />
		</>
	);
}

function Lines({ call }: { call: CallSession }): JSX.Element {
	const log = useRef<HTMLDivElement>(null);
	const isAtEnd = useRef(true);
	const lines = call.chat.value;
	const ownID = call.self.value?.participantID;
	useLayoutEffect(() => {
		const element = log.current;
		if (element !== null && isAtEnd.current) element.scrollTop = element.scrollHeight;
	}, [lines]);
	return (
		<div
			ref={log}
			class={styles.log}
			role="log"
			aria-label="Messages"
			// biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard.
			tabIndex={0}
			onScroll={({ currentTarget: { scrollHeight, scrollTop, clientHeight } }) => {
				isAtEnd.current = scrollHeight - scrollTop - clientHeight < AT_END_PX;
			}}
		>
			{lines.length === 0 ? (
				<p class={styles.empty}>
					<Icon name="chat" size={28} />
					Nothing written yet. Everybody in the call can read what you write here, also those who come later.
				</p>
			) : null}
			{groupLines(lines).map((group) => (
				<Group key={group.key} group={group} isOwn={group.participantID === ownID} call={call} />
			))}
		</div>
	);
}

const time = new Intl.DateTimeFormat(undefined, { timeStyle: "short" });

function Group({ group, isOwn, call }: { group: ChatGroup; isOwn: boolean; call: CallSession }): JSX.Element {
	const hue = hueOf(
		call.people.value.find(({ participantID }) => participantID === group.participantID)?.participant.value
			.userID ?? group.participantID,
	);
	return (
		<div class={styles.group} data-own={isOwn}>
			<p class={styles.by}>
				<strong style={{ "--hue": String(hue) }}>{isOwn ? "You" : group.displayName}</strong>
				<time dateTime={new Date(group.sentAt).toISOString()}>{time.format(group.sentAt)}</time>
			</p>
			{group.lines.map((line) => (
				<Line key={line.clientMsgID} line={line} sayAgain={() => call.sayAgain(line.clientMsgID)} />
			))}
		</div>
	);
}

function Line({ line, sayAgain }: { line: CallChatLine; sayAgain: () => void }): JSX.Element {
	return (
		<div class={styles.line} data-status={line.status}>
			<p>
				{splitLinks(line.message).map((part, index) =>
					part.kind === "text" ? (
						part.text
					) : (
						<a key={index} href={part.url} target="_blank" rel="noopener noreferrer nofollow">
							{part.url}
						</a>
					),
				)}
			</p>
			{line.status === "pending" ? <span class="visually-hidden">Sending</span> : null}
			{line.status === "failed" ? (
				<p class={styles.failed}>
					<Icon name="alert" size={14} />
					Not sent.
					<button type="button" onClick={sayAgain}>
						Try again
					</button>
				</p>
			) : null}
		</div>
	);
}

function Composer({ call }: { call: CallSession }): JSX.Element {
	const [text, setText] = useState("");
	const input = useRef<HTMLTextAreaElement>(null);
	const left = SIGNAL_LIMITS.chatCodePoints - [...text].length;
	const canSend = text.trim() !== "" && left >= 0;
	useEffect(() => fitHeight(input.current), [text]);
	function send(): void {
		if (!canSend) return;
		call.say(text.trim());
		setText("");
	}
	return (
		<form
			class={styles.composer}
			onSubmit={(event) => {
				event.preventDefault();
				send();
			}}
		>
			<textarea
				ref={input}
				class={styles.input}
				rows={1}
				data-first="true"
				placeholder="Write to everybody"
				aria-label="Message to everybody"
				aria-invalid={left < 0}
				value={text}
				onInput={(event) => setText(event.currentTarget.value)}
				onKeyDown={(event) => {
					if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
					event.preventDefault();
					send();
				}}
			/>
			<button type="submit" class={controls.icon} disabled={!canSend} aria-label="Send" title="Send (Enter)">
				<Icon name="send" />
			</button>
			{left <= COUNT_FROM ? (
				<p class={styles.left} data-over={left < 0} role="status">
					{left < 0 ? `${-left} too many` : `${left} left`}
				</p>
			) : null}
		</form>
	);
}

function fitHeight(input: HTMLTextAreaElement | null): void {
	if (input === null) return;
	input.style.height = "auto";
	input.style.height = `${input.scrollHeight + 2}px`;
}
