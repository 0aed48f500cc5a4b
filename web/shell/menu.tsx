import type { ComponentChildren, JSX } from "preact";
import { useEffect, useId, useRef, useState } from "preact/hooks";
import styles from "./menu.module.css";

export interface MenuItem {
	label: string;
	run: () => void;
	tone?: "plain" | "danger";
}

/** A button that opens a menu of commands: arrows move, Escape and a click elsewhere close (WAI-ARIA APG, menu button). */
export function MenuButton({
	label,
	items,
	class: className,
	align = "end",
	children,
}: {
	label: string;
	items: readonly MenuItem[];
	class?: string | undefined;
	align?: "start" | "end";
	children: ComponentChildren;
}): JSX.Element {
	const [open, setOpen] = useState(false);
	const root = useRef<HTMLDivElement>(null);
	const button = useRef<HTMLButtonElement>(null);
	const id = useId();
	useEffect(() => {
		if (!open) return;
		menuItems(root.current)[0]?.focus();
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
				title={label}
				aria-haspopup="menu"
				aria-expanded={open}
				aria-controls={open ? id : undefined}
				onClick={() => setOpen(!open)}
			>
				{children}
			</button>
			{open ? <MenuList id={id} label={label} items={items} align={align} root={root} close={close} /> : null}
		</div>
	);
}

function MenuList({
	id,
	label,
	items,
	align,
	root,
	close,
}: {
	id: string;
	label: string;
	items: readonly MenuItem[];
	align: "start" | "end";
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
			onKeyDown={(event) => {
				if (steer(event.key, menuItems(root.current), close)) {
					event.preventDefault();
					event.stopPropagation();
				}
			}}
		>
			{items.map((item) => (
				<button
					key={item.label}
					type="button"
					role="menuitem"
					tabIndex={-1}
					class={styles.item}
					data-tone={item.tone ?? "plain"}
					onClick={() => {
						close();
						item.run();
					}}
				>
					{item.label}
				</button>
			))}
		</div>
	);
}

function menuItems(root: HTMLElement | null): HTMLElement[] {
	return [...(root?.querySelectorAll<HTMLElement>("[role='menuitem']") ?? [])];
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
