import type { JSX } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import type { CallSession } from "../engine/call-session.ts";
import styles from "./bar.module.css";
import { BarButton } from "./bar-button.tsx";
import { REACTIONS, ReactionGlyph } from "./reaction-glyph.tsx";

/** A row of reactions above its button. It stays open for more than one. */
export function ReactionControl({ call }: { call: CallSession }): JSX.Element {
	const [isOpen, setOpen] = useState(false);
	const root = useRef<HTMLDivElement>(null);
	useEffect(() => {
		if (!isOpen) return;
		root.current?.querySelector<HTMLElement>("[data-reaction]")?.focus();
		const closeOutside = (event: PointerEvent) => {
			if (event.target instanceof Node && root.current?.contains(event.target) !== true) setOpen(false);
		};
		document.addEventListener("pointerdown", closeOutside);
		return () => document.removeEventListener("pointerdown", closeOutside);
	}, [isOpen]);
	return (
		<div ref={root} class={styles.anchor}>
			<BarButton
				icon="smile"
				label={isOpen ? "Close the reactions" : "React"}
				caption="React"
				isOn={isOpen}
				run={() => setOpen(!isOpen)}
			/>
			{isOpen ? (
				<ReactionRow
					react={(emoji) => call.react(emoji)}
					close={() => {
						setOpen(false);
						root.current?.querySelector("button")?.focus();
					}}
				/>
			) : null}
		</div>
	);
}

/** The reactions to choose from. */
function ReactionRow({ react, close }: { react: (emoji: string) => void; close: () => void }): JSX.Element {
	return (
		<fieldset
			class={styles.reactions}
			aria-label="Reactions"
			onKeyDown={(event) => {
				if (event.key !== "Escape") return;
				event.stopPropagation();
				close();
			}}
		>
			{REACTIONS.map(({ emoji, label }) => (
				<button
					key={emoji}
					type="button"
					data-reaction={emoji}
					aria-label={label}
					title={label}
					onClick={() => react(emoji)}
				>
					<ReactionGlyph emoji={emoji} size={28} />
				</button>
			))}
		</fieldset>
	);
}
