import type { JSX } from "preact";
import { useEffect, useRef } from "preact/hooks";
import type { Emote } from "../../protocol/chat.ts";
import styles from "./composer.module.css";
import { emotes } from "./emote-set.ts";

/** All emotes, to choose one. */
export function EmotePicker({
	choose,
	close,
}: {
	choose: (emote: Emote) => void;
	close: () => void;
}): JSX.Element {
	const root = useRef<HTMLFieldSetElement>(null);
	useEffect(() => {
		root.current?.querySelector("button")?.focus();
	}, []);
	const all = [...emotes.value.values()];
	return (
		<fieldset
			ref={root}
			class={styles.picker}
			aria-label="Emotes"
			onKeyDown={(event) => {
				if (event.key !== "Escape") return;
				event.preventDefault();
				close();
			}}
		>
			{all.length === 0 ? <p>No emotes here.</p> : null}
			{all.map((emote) => (
				<button
					key={emote.emoteID}
					type="button"
					class={styles.pick}
					title={emote.code}
					aria-label={`${emote.alt}, ${emote.code}`}
					onClick={() => choose(emote)}
				>
					<img src={emote.imageURL} alt="" width={28} height={28} />
				</button>
			))}
		</fieldset>
	);
}

/** What fits the code being typed. The text field keeps the focus and steers it. */
export function EmoteSuggestions({
	suggestions,
	chosen,
	choose,
}: {
	suggestions: readonly Emote[];
	chosen: number;
	choose: (emote: Emote) => void;
}): JSX.Element {
	return (
		<div
			id="emote-suggestions"
			class={styles.suggestions}
			role="listbox"
			tabIndex={-1}
			aria-label="Emotes that fit"
			hidden={suggestions.length === 0}
		>
			{suggestions.map((emote, index) => (
				<button
					key={emote.emoteID}
					id={`emote-suggestion-${index}`}
					type="button"
					role="option"
					tabIndex={-1}
					aria-selected={index === chosen}
					class={styles.suggestion}
					onClick={() => choose(emote)}
				>
					<img src={emote.imageURL} alt="" width={24} height={24} />
					{emote.code}
					{index === chosen ? <kbd>Tab</kbd> : null}
				</button>
			))}
		</div>
	);
}
