import { signal } from "@preact/signals";
import type { JSX } from "preact";
import { useEffect } from "preact/hooks";
import controls from "./controls.module.css";
import { Icon } from "./icons.tsx";
import styles from "./toasts.module.css";

interface Toast {
	id: number;
	text: string;
	tone: "plain" | "bad";
	action: { label: string; run: () => void } | null;
}

/** Long enough to read twice, and for an undo (UX: 10 s). */
const STAY_MS = { plain: 4000, action: 10_000, bad: 8000 } as const;
const MOST_AT_ONCE = 3;

const toasts = signal<Toast[]>([]);
let lastID = 0;

/** Says something at the bottom of the page, for a few seconds, and to screen readers. */
export function notify(text: string, tone: Toast["tone"] = "plain", action: Toast["action"] = null): void {
	lastID += 1;
	const others = toasts.value.filter((toast) => toast.text !== text);
	toasts.value = [...others.slice(1 - MOST_AT_ONCE), { id: lastID, text, tone, action }];
}

function dismiss(id: number): void {
	toasts.value = toasts.value.filter((toast) => toast.id !== id);
}

/** Where toasts appear. Once on the page. */
export function Toasts(): JSX.Element {
	return (
		<div class={styles.stack} role="status" aria-live="polite">
			{toasts.value.map((toast) => (
				<ToastView key={toast.id} toast={toast} />
			))}
		</div>
	);
}

function ToastView({ toast }: { toast: Toast }): JSX.Element {
	const { id, action, tone } = toast;
	useEffect(() => {
		const stayMs = action === null ? STAY_MS[tone] : STAY_MS.action;
		const timer = setTimeout(() => dismiss(id), stayMs);
		return () => clearTimeout(timer);
	}, [id, action, tone]);
	return (
		<div class={styles.toast} data-tone={tone}>
			{tone === "bad" ? <Icon name="alert" size={18} /> : null}
			<span class={styles.text}>{toast.text}</span>
			{action === null ? null : (
				<button
					type="button"
					class={styles.action}
					onClick={() => {
						action.run();
						dismiss(id);
					}}
				>
					{action.label}
				</button>
			)}
			<button type="button" class={controls.icon} aria-label="Dismiss" onClick={() => dismiss(id)}>
				<Icon name="close" size={16} />
			</button>
		</div>
	);
}
