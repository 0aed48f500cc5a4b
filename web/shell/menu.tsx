import type { ComponentChildren, JSX } from "preact";
import { useEffect, useId, useRef, useState } from "preact/hooks";
import { Icon, type IconName } from "./icons.tsx";
import styles from "./menu.module.css";

export interface MenuItem {
	label: string;
	run: () => void;
	tone?: "plain" | "danger";
	icon?: IconName;
	/** What the choice means, set apart at the end of the line. */
	hint?: string;
	/** The key that does the same; not shown where there are no keys. */
	shortcut?: string;
	/** One of several (`radio`), or on and off by itself (`check`); absent: a command. */
	choice?: { kind: "radio" | "check"; isOn: boolean };
	/** Items of one group stand together under its name. */
	group?: string;
	isDisabled?: boolean;
}

/** A button that opens a menu of commands: arrows move, Escape and a click elsewhere close (WAI-ARIA APG, menu button). */
export function MenuButton({
	label,
	title = label,
	items,
	class: className,
	align = "end",
	side = "down",
	children,
}: {
	label: string;
	/** What the tooltip says, where it is more than the label. */
	title?: string;
	items: readonly MenuItem[];
	class?: string | undefined;
	align?: "start" | "end";
	side?: "up" | "down";
	children: ComponentChildren;
}): JSX.Element {
	const [open, setOpen] = useState(false);
	const root = useRef<HTMLDivElement>(null);
	const button = useRef<HTMLButtonElement>(null);
	const id = useId();
	useEffect(() => {
		if (!open) return;
		focusFirst(root.current);
		const closeOutside = (event: PointerEvent) => {
			if (event.target instanceof Node && root.current?.contains(event.target) !== true) setOpen(false);
		};
		document.addEventListener("pointerdown", closeOutside);
		return () => document.removeEventListener("pointerdown", closeOutside);
	}, [open]);
	function close(): void {
		setOpen(false);
		button.current?.focus();
	}
	return (
		<div
			ref={root}
			class={styles.root}
			onFocusOut={(event) => {
				const next = event.relatedTarget;
				if (next instanceof Node && root.current?.contains(next) !== true) setOpen(false);
			}}
		>
			<button
				ref={button}
				type="button"
				class={className}
				aria-label={label}
				title={title}
				aria-haspopup="menu"
				aria-expanded={open}
				aria-controls={open ? id : undefined}
				onClick={() => setOpen(!open)}
			>
				{children}
			</button>
			{open ? (
				<MenuList id={id} label={label} items={items} align={align} side={side} root={root} close={close} />
			) : null}
		</div>
	);
}

function MenuList({
	id,
	label,
	items,
	align,
	side,
	root,
	close,
}: {
	id: string;
	label: string;
	items: readonly MenuItem[];
	align: "start" | "end";
	side: "up" | "down";
	root: { current: HTMLDivElement | null };
	close: () => void;
}): JSX.Element {
	return (
		<div
			id={id}
			class={styles.menu}
			role="menu"
			tabIndex={-1}
			aria-label={label}
			data-align={align}
			data-side={side}
			onKeyDown={(event) => {
				if (steer(event.key, menuItems(root.current), close)) {
					event.preventDefault();
					event.stopPropagation();
				}
			}}
		>
			{groupsOf(items).map((group) => (
				<MenuGroup key={group.name ?? ""} {...group} close={close} />
			))}
		</div>
	);
}

interface Group {
	name: string | undefined;
	items: readonly MenuItem[];
}

function groupsOf(items: readonly MenuItem[]): Group[] {
	const names = [...new Set(items.map((item) => item.group))];
	return names.map((name) => ({ name, items: items.filter((item) => item.group === name) }));
}

function MenuGroup({ name, items, close }: Group & { close: () => void }): JSX.Element {
	const list = items.map((item) => <Item key={item.label} item={item} close={close} />);
	if (name === undefined) return <>{list}</>;
	return (
		<fieldset class={styles.group} aria-label={name}>
			<p class={styles.groupTitle} aria-hidden="true">
				{name}
			</p>
			{list}
		</fieldset>
	);
}

const ROLES = { radio: "menuitemradio", check: "menuitemcheckbox" } as const;

function Item({ item, close }: { item: MenuItem; close: () => void }): JSX.Element {
	const { choice } = item;
	const state = choice === undefined ? {} : { "aria-checked": choice.isOn };
	return (
		<button
			type="button"
			role={choice === undefined ? "menuitem" : ROLES[choice.kind]}
			{...state}
			tabIndex={-1}
			class={styles.item}
			data-tone={item.tone ?? "plain"}
			disabled={item.isDisabled === true}
			onClick={() => {
				close();
				item.run();
			}}
		>
			{choice === undefined ? null : <Mark isOn={choice.isOn} />}
			{item.icon === undefined ? null : <Icon name={item.icon} size={18} />}
			<span class={styles.text}>{item.label}</span>
			{item.hint === undefined ? null : <small class={styles.hint}>{item.hint}</small>}
			{item.shortcut === undefined ? null : <kbd class={styles.shortcut}>{item.shortcut}</kbd>}
		</button>
	);
}

function Mark({ isOn }: { isOn: boolean }): JSX.Element {
	return <span class={styles.mark}>{isOn ? <Icon name="check" size={16} /> : null}</span>;
}

function menuItems(root: HTMLElement | null): HTMLElement[] {
	return [...(root?.querySelectorAll<HTMLElement>("[role^='menuitem']:not(:disabled)") ?? [])];
}

function focusFirst(root: HTMLElement | null): void {
	const chosen = root?.querySelector<HTMLElement>("[role='menuitemradio'][aria-checked='true']");
	(chosen ?? menuItems(root)[0])?.focus();
}

/** True if the key was the menu's. */
function steer(key: string, items: readonly HTMLElement[], close: () => void): boolean {
	const at = document.activeElement instanceof HTMLElement ? items.indexOf(document.activeElement) : -1;
	const moves: Record<string, number> = {
		ArrowDown: (at + 1) % items.length,
		ArrowUp: (at - 1 + items.length) % items.length,
		Home: 0,
		End: items.length - 1,
	};
	const target = moves[key];
	if (target !== undefined) {
		items[target]?.focus();
		return true;
	}
	if (key !== "Escape") return false;
	close();
	return true;
}
