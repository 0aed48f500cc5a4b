import type { JSX } from "preact";
import { hueOf } from "../chat/name-hue.ts";
import styles from "./avatar.module.css";

/** Stands for a person: their initials in their own colour. Decorative: the name is beside it. `size` in px. */
export function Avatar({
	userID,
	name,
	size = 40,
}: {
	userID: string;
	name: string;
	size?: number;
}): JSX.Element {
	return (
		<span
			class={styles.avatar}
			aria-hidden="true"
			style={{ "--hue": String(hueOf(userID)), "--size": `${size}px` }}
		>
			{initials(name)}
		</span>
	);
}

/** `Ada Lovelace` → `AL`, `ada` → `A`. */
function initials(name: string): string {
	const words = name.trim().split(/\s+/);
	const first = firstLetter(words[0] ?? "");
	return words.length < 2 ? first : `${first}${firstLetter(words[words.length - 1] ?? "")}`;
}

/** A letter may be more than one UTF-16 unit. */
function firstLetter(word: string): string {
	return ([...word][0] ?? "").toUpperCase();
}
