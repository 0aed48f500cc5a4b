import type { ComponentChildren, JSX } from "preact";
import { useEffect, useRef } from "preact/hooks";
import controls from "../../shell/controls.module.css";
import { Icon } from "../../shell/icons.tsx";
import styles from "./panels.module.css";

/** A panel beside the stage; on phones over it. It takes the focus and gives it back. */
export function SidePanel({
	title,
	close,
	children,
}: {
	title: string;
	close: () => void;
	children: ComponentChildren;
}): JSX.Element {
	const panel = useRef<HTMLElement>(null);
	useEffect(() => {
		const opener = document.activeElement;
		const first = panel.current?.querySelector<HTMLElement>("[data-first]");
		(first ?? panel.current)?.focus({ preventScroll: true });
		return () => {
			if (opener instanceof HTMLElement && opener.isConnected) opener.focus({ preventScroll: true });
		};
	}, []);
	return (
		<aside
			ref={panel}
			class={styles.panel}
			aria-label={title}
			tabIndex={-1}
			onKeyDown={(event) => {
				// Escape in a dialog that was opened from here closes the dialog alone.
				const isInDialog = event.target instanceof Element && event.target.closest("dialog") !== null;
				if (event.key !== "Escape" || event.defaultPrevented || isInDialog) return;
				event.preventDefault();
				close();
			}}
		>
			<header class={styles.head}>
				<h2>{title}</h2>
				<button type="button" class={controls.icon} aria-label={`Close: ${title}`} onClick={close}>
					<Icon name="close" />
				</button>
			</header>
			{children}
		</aside>
	);
}
