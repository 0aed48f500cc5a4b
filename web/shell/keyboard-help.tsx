import type { JSX } from "preact";
import { useMemo } from "preact/hooks";
import controls from "./controls.module.css";
import { Dialog } from "./dialog.tsx";
import styles from "./keyboard-help.module.css";
import { keyLabel } from "./shortcut-keys.ts";
import {
	characterKeysOn,
	helpOpen,
	type Shortcut,
	type ShortcutGroup,
	setCharacterKeys,
	shortcuts,
	useShortcuts,
} from "./shortcuts.ts";

/** More keys than this are shown as a range. */
const MOST_KEYS = 3;
const GROUPS: readonly ShortcutGroup[] = ["Call", "Player", "Live and chat", "Everywhere"];

/** The `?` overlay: every shortcut of this page, and the switch that turns single keys off. */
export function KeyboardHelp(): JSX.Element | null {
	const own = useMemo<Shortcut[]>(
		() => [
			{
				keys: ["?"],
				label: "This list",
				group: "Everywhere",
				run: () => {
					helpOpen.value = true;
				},
			},
		],
		[],
	);
	useShortcuts(own);
	if (!helpOpen.value) return null;
	return (
		<Dialog
			title="Keyboard"
			onClose={() => {
				helpOpen.value = false;
			}}
		>
			<div class={styles.groups}>
				{GROUPS.map((group) => (
					<ShortcutList key={group} group={group} />
				))}
			</div>
			<label class={styles.switch}>
				<input
					type="checkbox"
					checked={characterKeysOn.value}
					onChange={(event) => setCharacterKeys(event.currentTarget.checked)}
				/>
				<span>
					Single-key shortcuts
					<small class={controls.hint}>
						Switch off if speech input or a screen reader gets in their way.
					</small>
				</span>
			</label>
		</Dialog>
	);
}

function ShortcutList({ group }: { group: ShortcutGroup }): JSX.Element | null {
	const listed = shortcuts.value.filter((shortcut) => shortcut.group === group);
	if (listed.length === 0) return null;
	return (
		<section class={styles.group}>
			<h3>{group}</h3>
			<dl>
				{listed.map((shortcut) => (
					<div key={shortcut.label} class={styles.row}>
						<dt>
							{shortcut.keys.length > MOST_KEYS ? (
								<Range keys={shortcut.keys} />
							) : (
								shortcut.keys.map((key) => <Keys key={key} name={key} />)
							)}
						</dt>
						<dd>{shortcut.label}</dd>
					</div>
				))}
			</dl>
		</section>
	);
}

function Range({ keys }: { keys: readonly string[] }): JSX.Element {
	return (
		<>
			<Keys name={keys[0] ?? ""} />
			<span>to</span>
			<Keys name={keys[keys.length - 1] ?? ""} />
		</>
	);
}

function Keys({ name }: { name: string }): JSX.Element {
	return (
		<span class={styles.keys}>
			{name.split(" ").map((part) => (
				<kbd key={part}>{keyLabel(part)}</kbd>
			))}
		</span>
	);
}
