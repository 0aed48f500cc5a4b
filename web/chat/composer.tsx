import type { JSX } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { countCodePoints } from "../../domain/chat/emotes.ts";
import { CHAT_LIMITS, type Emote } from "../../protocol/chat.ts";
import controls from "../shell/controls.module.css";
import { Icon } from "../shell/icons.tsx";
import { useNow } from "../shell/resource.ts";
import styles from "./chat.module.css";
import type { ChatRoom } from "./chat-room.ts";
import { EmotePicker, EmoteSuggestions } from "./emote-picker.tsx";
import { emotes } from "./emote-set.ts";
import { codeBeforeCaret } from "./emote-text.ts";

/** The count is shown when this many characters are left. */
const COUNT_FROM = 100;
const MOST_SUGGESTIONS = 6;

/** Where one writes. Enter sends, `:` and two letters offer emotes, Tab takes the first. */
export function Composer({ room }: { room: ChatRoom }): JSX.Element {
	const [text, setText] = useState("");
	const [caret, setCaret] = useState(0);
	const [chosen, setChosen] = useState(0);
	const [isPicking, setPicking] = useState(false);
	const input = useRef<HTMLTextAreaElement>(null);
	const code = codeBeforeCaret(text, caret);
	const suggestions = code === null ? [] : suggest(code.query);
	const left = CHAT_LIMITS.messageCodePoints - countCodePoints(text.trim());
	const canSend = text.trim() !== "" && left >= 0;
	useEffect(() => fitHeight(input.current), [text]);

	function write(next: string, at: number): void {
		setText(next);
		setCaret(at);
		setChosen(0);
		requestAnimationFrame(() => {
			input.current?.focus();
			input.current?.setSelectionRange(at, at);
		});
	}
	function insert(emote: Emote): void {
		const start = code?.start ?? caret;
		const before = text.slice(0, start);
		const spaced = before === "" || /\s$/.test(before) ? before : `${before} `;
		const inserted = `${spaced}${emote.code} `;
		write(inserted + text.slice(caret), inserted.length);
		setPicking(false);
	}
	function send(): void {
		const { pause } = room;
		if (!canSend || (pause.value !== null && pause.value.until > Date.now())) return;
		room.say(text);
		write("", 0);
	}
	function onKeyDown(event: KeyboardEvent): void {
		const suggestion = suggestions[chosen];
		if (suggestion !== undefined && steerSuggestions(event.key)) {
			event.preventDefault();
			return;
		}
		if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
			event.preventDefault();
			send();
		}
		if (event.key === "Escape") {
			event.preventDefault();
			if (isPicking) setPicking(false);
			else input.current?.blur();
		}
	}
	/** True if the key belongs to the list of suggestions. */
	function steerSuggestions(key: string): boolean {
		const suggestion = suggestions[chosen];
		if (suggestion === undefined) return false;
		if (key === "Tab" || key === "Enter") insert(suggestion);
		else if (key === "ArrowDown") setChosen((chosen + 1) % suggestions.length);
		else if (key === "ArrowUp") setChosen((chosen - 1 + suggestions.length) % suggestions.length);
		else if (key === "Escape") setCaret(-1);
		else return false;
		return true;
	}
	return (
		<form
			class={styles["composer"]}
			onSubmit={(event) => {
				event.preventDefault();
				send();
			}}
		>
			<EmoteSuggestions suggestions={suggestions} chosen={chosen} choose={insert} />
			{isPicking ? <EmotePicker choose={insert} close={() => setPicking(false)} /> : null}
			<div class={styles["inputRow"]}>
				<textarea
					ref={input}
					id="chat-input"
					class={styles["input"]}
					rows={1}
					placeholder="Say something"
					aria-label="Chat message"
					aria-autocomplete="list"
					aria-controls="emote-suggestions"
					aria-activedescendant={suggestions.length > 0 ? `emote-suggestion-${chosen}` : undefined}
					aria-invalid={left < 0}
					value={text}
					onInput={(event) => {
						setText(event.currentTarget.value);
						setCaret(event.currentTarget.selectionStart);
						setChosen(0);
					}}
					onSelect={(event) => setCaret(event.currentTarget.selectionStart)}
					onKeyDown={onKeyDown}
				/>
				<button
					type="button"
					class={controls.icon}
					aria-label="Emotes"
					title="Emotes"
					aria-expanded={isPicking}
					onClick={() => setPicking(!isPicking)}
				>
					<Icon name="smile" />
				</button>
				<SendButton room={room} canSend={canSend} />
			</div>
			{left <= COUNT_FROM ? (
				<p class={styles["count"]} data-over={left < 0} role="status">
					{left < 0 ? `${-left} too many` : `${left} left`}
				</p>
			) : null}
		</form>
	);
}

function SendButton({ room, canSend }: { room: ChatRoom; canSend: boolean }): JSX.Element {
	const now = useNow(500);
	const pause = room.pause.value;
	const waitSeconds = pause === null ? 0 : Math.ceil((pause.until - now) / 1000);
	const isWaiting = waitSeconds > 0;
	return (
		<button
			type="submit"
			class={styles["send"]}
			disabled={!canSend || isWaiting}
			aria-label={isWaiting ? `${pause?.why}: wait ${waitSeconds} s` : "Send"}
			title={isWaiting ? `${pause?.why}: wait ${waitSeconds} s` : "Send (Enter)"}
		>
			{isWaiting ? <span class="numerals">{waitSeconds}</span> : <Icon name="send" />}
		</button>
	);
}

function suggest(query: string): Emote[] {
	const all = [...emotes.value.values()];
	const starts = all.filter((emote) => emote.emoteID.startsWith(query));
	const contains = all.filter((emote) => !starts.includes(emote) && emote.emoteID.includes(query));
	return [...starts, ...contains].slice(0, MOST_SUGGESTIONS);
}

/** As tall as the text, up to the CSS maximum. */
function fitHeight(input: HTMLTextAreaElement | null): void {
	if (input === null) return;
	input.style.height = "auto";
	input.style.height = `${input.scrollHeight + 2}px`;
}
