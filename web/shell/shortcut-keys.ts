/** The part of a KeyboardEvent that decides which shortcut is meant. */
export interface KeyPress {
	key: string;
	ctrlKey: boolean;
	altKey: boolean;
	metaKey: boolean;
	shiftKey: boolean;
}

/** How a key press is written in a shortcut: `k`, `?`, `Space`, `Shift+ArrowRight`, `Alt+t`. */
export function keyName(press: KeyPress): string {
	const printable = press.key.length === 1 && press.key !== " ";
	const key = press.key === " " ? "Space" : press.key;
	const parts: string[] = [];
	if (press.ctrlKey) parts.push("Ctrl");
	if (press.metaKey) parts.push("Meta");
	if (press.altKey) parts.push("Alt");
	// The shift of a printable key is in the character: `?`, `<`.
	if (press.shiftKey && !printable) parts.push("Shift");
	parts.push(printable ? key.toLowerCase() : key);
	return parts.join("+");
}

/** WCAG 2.2 SC 2.1.4: a shortcut of printable characters alone must be possible to switch off. */
export function isCharacterKey(name: string): boolean {
	return name.length === 1;
}

/** A two-key shortcut (`g h`) is over when the second key does not come within this time. */
export const SEQUENCE_MS = 1500;

/** Remembers the first key of two-key shortcuts. */
export class KeySequence {
	#first: { name: string; at: number } | null = null;

	/** The names by which this press may be meant, the longest first. */
	names(name: string, now: number): string[] {
		const first = this.#first;
		this.#first = { name, at: now };
		if (first === null || now - first.at > SEQUENCE_MS) return [name];
		return [`${first.name} ${name}`, name];
	}

	/** The press was used: it is no first key any more. */
	clear(): void {
		this.#first = null;
	}
}

/** How a shortcut is shown to people. */
export function keyLabel(name: string): string {
	const LABELS: Record<string, string> = {
		ArrowLeft: "←",
		ArrowRight: "→",
		ArrowUp: "↑",
		ArrowDown: "↓",
		Escape: "Esc",
		Meta: "⌘",
		PageDown: "Page ↓",
		PageUp: "Page ↑",
	};
	return name
		.split(/(?<=.)\+/)
		.map((part) => LABELS[part] ?? (part.length === 1 ? part.toUpperCase() : part))
		.join(" + ");
}

/** Whether shortcuts are worth a word: a mouse rarely comes without a keyboard. */
export function hasKeyboard(): boolean {
	return matchMedia("(hover: hover)").matches;
}
