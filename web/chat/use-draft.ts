import { useRef, useState } from "preact/hooks";
import { countCodePoints } from "../../domain/chat/emotes.ts";
import { CHAT_LIMITS, type Emote } from "../../protocol/chat.ts";
import type { ChatRoom } from "./chat-room.ts";
import { emotes } from "./emote-set.ts";
import { codeBeforeCaret } from "./emote-text.ts";

const MOST_SUGGESTIONS = 6;

/** A message being written, and the emotes that fit what is typed. */
export interface Draft {
	input: { current: HTMLTextAreaElement | null };
	text: string;
	/** Characters that may still come; negative when there are too many. */
	left: number;
	canSend: boolean;
	suggestions: readonly Emote[];
	/** Index into `suggestions`. */
	chosen: number;
	/** Takes over what the text field has. */
	typed: (field: HTMLTextAreaElement) => void;
	insert: (emote: Emote) => void;
	send: () => void;
	/** True if the key belonged to the suggestions. */
	steer: (key: string) => boolean;
}

/** The state of the text field of a room. */
export function useDraft(room: ChatRoom): Draft {
	const [text, setText] = useState("");
	const [caret, setCaret] = useState(0);
	const [chosen, setChosen] = useState(0);
	const input = useRef<HTMLTextAreaElement>(null);
	const code = codeBeforeCaret(text, caret);
	const suggestions = code === null ? [] : fitting(code.query);
	const left = CHAT_LIMITS.messageCodePoints - countCodePoints(text.trim());
	const canSend = text.trim() !== "" && left >= 0;

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
		const before = text.slice(0, code?.start ?? caret);
		const spaced = before === "" || /\s$/.test(before) ? before : `${before} `;
		const inserted = `${spaced}${emote.code} `;
		write(inserted + text.slice(caret), inserted.length);
	}
	function send(): void {
		const pause = room.pause.value;
		if (!canSend || (pause !== null && pause.until > Date.now())) return;
		room.say(text);
		write("", 0);
	}
	function typed(field: HTMLTextAreaElement): void {
		if (field.value !== text) setChosen(0);
		setText(field.value);
		setCaret(field.selectionStart);
	}
	function steer(key: string): boolean {
		const suggestion = suggestions[chosen];
		if (suggestion === undefined) return false;
		if (key === "Tab" || key === "Enter") insert(suggestion);
		else if (key === "ArrowDown") setChosen((chosen + 1) % suggestions.length);
		else if (key === "ArrowUp") setChosen((chosen - 1 + suggestions.length) % suggestions.length);
		else if (key === "Escape") setCaret(-1);
		else return false;
		return true;
	}
	return { input, text, left, canSend, suggestions, chosen, typed, insert, send, steer };
}

/** Emotes for what was typed after the colon: those that begin so, then those that contain it. */
function fitting(query: string): Emote[] {
	// A whole code needs no help, and Enter after it is to send.
	if (emotes.value.has(query)) return [];
	const all = [...emotes.value.values()];
	const beginning = all.filter((emote) => emote.emoteID.startsWith(query));
	const containing = all.filter((emote) => !beginning.includes(emote) && emote.emoteID.includes(query));
	return [...beginning, ...containing].slice(0, MOST_SUGGESTIONS);
}
