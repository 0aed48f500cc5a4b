import type { ComponentChildren, JSX, TargetedInputEvent } from "preact";
import controls from "./controls.module.css";

interface InputProps {
	name?: string;
	type?: "text" | "password";
	value?: string;
	placeholder?: string;
	autocomplete?: string;
	autocapitalize?: "none" | "sentences";
	spellcheck?: boolean;
	required?: boolean;
	maxLength?: number;
	onInput?: (event: TargetedInputEvent<HTMLInputElement>) => void;
}

/** A labelled input whose hint and fault are read out with it. `id` is unique on the page. */
export function TextField({
	id,
	label,
	hint,
	fault,
	children,
	type,
	...input
}: InputProps & {
	id: string;
	label: string;
	hint?: string;
	fault?: string | undefined;
	children?: ComponentChildren;
}): JSX.Element {
	const kind = type === "password" ? ({ type: "password" } as const) : ({ type: "text" } as const);
	return (
		<div class={controls.field}>
			<label class={controls.label} for={id}>
				{label}
			</label>
			<input
				{...input}
				{...kind}
				id={id}
				class={controls.input}
				aria-invalid={fault !== undefined}
				aria-describedby={describedBy(id, hint, fault)}
			/>
			{children}
			<FieldNotes id={id} hint={hint} fault={fault} />
		</div>
	);
}

/** The texts under a field; `aria-describedby` of the field names them by `describedBy`. */
export function FieldNotes({
	id,
	hint,
	fault,
}: {
	id: string;
	hint?: string | undefined;
	fault?: string | undefined;
}): JSX.Element | null {
	if (fault !== undefined) {
		return (
			<p class={controls.fault} id={`${id}-fault`} role="alert">
				{fault}
			</p>
		);
	}
	if (hint === undefined) return null;
	return (
		<p class={controls.hint} id={`${id}-hint`}>
			{hint}
		</p>
	);
}

/** What `aria-describedby` says for a field with these notes. */
export function describedBy(id: string, hint?: string, fault?: string): string | undefined {
	if (fault !== undefined) return `${id}-fault`;
	return hint === undefined ? undefined : `${id}-hint`;
}
