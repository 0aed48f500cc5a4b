import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import controls from "../shell/controls.module.css";
import { Icon } from "../shell/icons.tsx";
import { useNow } from "../shell/resource.ts";
import type { ChatRoom } from "./chat-room.ts";
import styles from "./composer.module.css";
import { EmotePicker, EmoteSuggestions } from "./emote-picker.tsx";
import { type Draft, useDraft } from "./use-draft.ts";

/** The count is shown when this many characters are left. */
const COUNT_FROM = 100;

/** Where one writes. Enter sends, `:` and two letters offer emotes, Tab takes one. */
export function Composer({ room }: { room: ChatRoom }): JSX.Element {
	const draft = useDraft(room);
	const [isPicking, setPicking] = useState(false);
	const { left, insert } = draft;
	return (
		<form
			class={styles.composer}
			onSubmit={(event) => {
				event.preventDefault();
				draft.send();
			}}
		>
			<EmoteSuggestions suggestions={draft.suggestions} chosen={draft.chosen} choose={insert} />
			{isPicking ? (
				<EmotePicker
					choose={(emote) => {
						insert(emote);
						setPicking(false);
					}}
					close={() => setPicking(false)}
				/>
			) : null}
			<div class={styles.row}>
				<TextInput draft={draft} escape={() => setPicking(false)} />
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
				<SendButton room={room} canSend={draft.canSend} />
			</div>
			{left <= COUNT_FROM ? (
				<p class={styles.count} data-over={left < 0} role="status">
					{left < 0 ? `${-left} too many` : `${left} left`}
				</p>
			) : null}
		</form>
	);
}

function TextInput({ draft, escape: leavePicker }: { draft: Draft; escape: () => void }): JSX.Element {
	const { input, text, suggestions, chosen } = draft;
	// The height follows the text.
	useEffect(() => fitHeight(input.current), [text]);
	function onKeyDown(event: KeyboardEvent): void {
		if (event.isComposing) return;
		if (draft.steer(event.key)) {
			event.preventDefault();
		} else if (event.key === "Enter" && !event.shiftKey) {
			event.preventDefault();
			draft.send();
		} else if (event.key === "Escape") {
			event.preventDefault();
			leavePicker();
			input.current?.blur();
		}
	}
	return (
		<textarea
			ref={input}
			id="chat-input"
			class={styles.input}
			rows={1}
			placeholder="Say something"
			aria-label="Chat message"
			aria-autocomplete="list"
			aria-controls="emote-suggestions"
			aria-activedescendant={suggestions.length > 0 ? `emote-suggestion-${chosen}` : undefined}
			aria-invalid={draft.left < 0}
			value={text}
			onInput={(event) => draft.typed(event.currentTarget)}
			onSelect={(event) => draft.typed(event.currentTarget)}
			onKeyDown={onKeyDown}
		/>
	);
}

function SendButton({ room, canSend }: { room: ChatRoom; canSend: boolean }): JSX.Element {
	const now = useNow(500);
	const pause = room.pause.value;
	const waitSeconds = pause === null ? 0 : Math.ceil((pause.until - now) / 1000);
	const isWaiting = waitSeconds > 0;
	const label = isWaiting ? `${pause?.why}: wait ${waitSeconds} s` : "Send";
	return (
		<button
			type="submit"
			class={styles.send}
			disabled={!canSend || isWaiting}
			aria-label={label}
			title={isWaiting ? label : "Send (Enter)"}
		>
			{isWaiting ? <span class="numerals">{waitSeconds}</span> : <Icon name="send" />}
		</button>
	);
}

/** As tall as the text, up to the CSS maximum. */
function fitHeight(input: HTMLTextAreaElement | null): void {
	if (input === null) return;
	input.style.height = "auto";
	input.style.height = `${input.scrollHeight + 2}px`;
}
