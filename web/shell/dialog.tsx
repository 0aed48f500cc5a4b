import type { ComponentChildren, JSX } from "preact";
import { useEffect, useId, useRef } from "preact/hooks";
import controls from "./controls.module.css";
import styles from "./dialog.module.css";
import { Icon } from "./icons.tsx";

/** A modal layer. It holds the focus, Escape and a click beside it close it, and the focus goes back where it was. */
export function Dialog({
	title,
	onClose,
	children,
}: {
	title: string;
	onClose: () => void;
	children: ComponentChildren;
}): JSX.Element {
	const element = useRef<HTMLDialogElement>(null);
	const titleID = useId();
	useEffect(() => {
		const dialog = element.current;
		const opener = document.activeElement;
		dialog?.showModal();
		return () => {
			dialog?.close();
			if (opener instanceof HTMLElement && opener.isConnected) opener.focus();
		};
	}, []);
	return (
		// biome-ignore lint/a11y/useKeyWithClickEvents: the click is only the pointer's way to do what Escape does.
		<dialog
			ref={element}
			class={styles.dialog}
			aria-labelledby={titleID}
			onCancel={(event) => {
				event.preventDefault();
				onClose();
			}}
			onClick={(event) => {
				if (event.target === element.current) onClose();
			}}
		>
			<div class={styles.body}>
				<header class={styles.header}>
					<h2 id={titleID}>{title}</h2>
					<button type="button" class={controls.icon} aria-label="Close" onClick={onClose}>
						<Icon name="close" />
					</button>
				</header>
				{children}
			</div>
		</dialog>
	);
}
