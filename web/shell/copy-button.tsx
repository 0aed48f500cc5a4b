import type { ComponentChildren, JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import { Icon } from "./icons.tsx";
import { notify } from "./toasts.tsx";

/** How long the tick stays, ms. */
const TICK_MS = 1600;

/** Copies `text`; the icon turns into a tick, and screen readers hear it. */
export function CopyButton({
	text,
	label,
	class: className,
	children,
}: {
	text: string;
	label: string;
	class?: string | undefined;
	children?: ComponentChildren;
}): JSX.Element {
	const [copied, setCopied] = useState(false);
	useEffect(() => {
		if (!copied) return;
		const timer = setTimeout(() => setCopied(false), TICK_MS);
		return () => clearTimeout(timer);
	}, [copied]);
	async function copy(): Promise<void> {
		try {
			await navigator.clipboard.writeText(text);
			setCopied(true);
			notify("Copied");
		} catch {
			// Without permission or a secure context there is no clipboard; the text is on screen to be selected.
			notify("This browser does not let us copy. Select the text instead.", "bad");
		}
	}
	return (
		<button type="button" class={className} aria-label={label} title={label} onClick={() => void copy()}>
			{children}
			<Icon name={copied ? "check" : "copy"} size={16} />
		</button>
	);
}
