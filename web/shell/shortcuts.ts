import { signal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { recall, remember } from "./settings.ts";
import { isCharacterKey, KeySequence, keyName } from "./shortcut-keys.ts";

export type ShortcutGroup = "Everywhere" | "Player" | "Live and chat" | "Call";

export interface Shortcut {
	/** Any of these, as `keyName` writes them; `g h` is one after the other. */
	keys: readonly string[];
	label: string;
	group: ShortcutGroup;
	/** `key`: which of `keys` it was. */
	run: (key: string) => void;
}

const STORAGE_KEY = "rostrum.character-keys";
const TYPING = "input, textarea, select, [contenteditable='true']";
/** Where Space and Enter press something. */
const PRESSABLE =
	"button, a[href], summary, [role='button'], [role='menuitem'], [role='menuitemradio'], [role='tab']";
/** Where arrow keys move within a control. */
const STEERABLE = "[role='menu'], [role='slider'], [role='listbox'], [role='tablist'], [role='radiogroup']";

/** Shortcuts that work on this page right now; the newest comes first and wins. */
export const shortcuts = signal<readonly Shortcut[]>([]);
/** Whether single printable keys are shortcuts (WCAG 2.2 SC 2.1.4). */
export const characterKeysOn = signal(recall(STORAGE_KEY) !== "off");
/** Whether the overlay that lists them is open. */
export const helpOpen = signal(false);

/** Switches shortcuts of single printable keys on or off, for good. */
export function setCharacterKeys(on: boolean): void {
	characterKeysOn.value = on;
	remember(STORAGE_KEY, on ? "on" : "off");
}

/** Offers shortcuts while the calling component is on screen. `list` should be made once (useMemo). */
export function useShortcuts(list: readonly Shortcut[]): void {
	useEffect(() => {
		shortcuts.value = [...list, ...shortcuts.value];
		return () => {
			shortcuts.value = shortcuts.value.filter((shortcut) => !list.includes(shortcut));
		};
	}, [list]);
}

const sequence = new KeySequence();

/** Listens to the keyboard for the whole page. Called once. */
export function startShortcuts(): () => void {
	document.addEventListener("keydown", onKeyDown);
	return () => document.removeEventListener("keydown", onKeyDown);
}

function onKeyDown(event: KeyboardEvent): void {
	if (event.defaultPrevented || event.isComposing || !mayMeanShortcut(event)) return;
	const names = sequence.names(keyName(event), performance.now());
	for (const shortcut of shortcuts.value) {
		const key = shortcut.keys.find((each) => isMeant(each, names));
		if (key === undefined) continue;
		sequence.clear();
		event.preventDefault();
		shortcut.run(key);
		return;
	}
}

function isMeant(key: string, names: readonly string[]): boolean {
	const byCharacter = isCharacterKey(key) || key.includes(" ");
	return names.includes(key) && (characterKeysOn.value || !byCharacter);
}

/** False when the key belongs to the control that has the focus. */
export function mayMeanShortcut(event: KeyboardEvent): boolean {
	const target = event.composedPath()[0];
	if (!(target instanceof Element)) return true;
	if (document.querySelector("dialog[open]") !== null) return false;
	if (target.closest(TYPING) !== null) return false;
	const pressing = event.key === " " || event.key === "Enter";
	if (pressing && withinHost(target, PRESSABLE)) return false;
	return !(/^(Arrow|Home|End)/.test(event.key) && withinHost(target, STEERABLE));
}

/** `closest` that also climbs out of shadow roots. */
function withinHost(element: Element, selector: string): boolean {
	if (element.closest(selector) !== null) return true;
	const root = element.getRootNode();
	return root instanceof ShadowRoot && withinHost(root.host, selector);
}
