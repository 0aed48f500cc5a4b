import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import { type Video, Visibility } from "../../protocol/vod.ts";
import controls from "../shell/controls.module.css";
import { type FormFaults, faultsOf, NO_FAULTS } from "../shell/field-faults.ts";
import { describedBy, FieldNotes, TextField } from "../shell/form-field.tsx";
import { notify } from "../shell/toasts.tsx";
import { chapterLines, parseChapters } from "./chapter-lines.ts";
import styles from "./details.module.css";
import { parseTags } from "./tag-list.ts";
import { ConflictError, changeVideo } from "./video-changes.ts";
import { VISIBILITY_WORDS } from "./video-words.ts";

const CONFLICT = "It was changed elsewhere meanwhile. Save again to put yours in its place.";

interface Draft {
	title: string;
	description: string;
	tags: string;
	visibility: Visibility;
	chapters: string;
}

/** What is said of a work. Saved as a whole; somebody else's change meanwhile is not overwritten. */
export function DetailsForm(props: { video: Video; onSaved: (video: Video) => void }): JSX.Element {
	const { draft, set, faults, save, isBusy, isDirty, discard } = useDraft(props);
	const problems = faultsOfDraft(draft, props.video.durationMs);
	const canSave = Object.keys(problems).length === 0;
	const fields: Record<string, string | undefined> = { ...faults.fields, ...problems };
	return (
		<form
			class={styles.form}
			aria-label="Details"
			onSubmit={(event) => {
				event.preventDefault();
				if (canSave && !isBusy) void save();
			}}
		>
			<TextField
				id="video-title"
				label="Title"
				maxLength={140}
				autocomplete="off"
				value={draft.title}
				fault={fields.title}
				onInput={(event) => set({ title: event.currentTarget.value })}
			/>
			<TextArea
				id="video-description"
				label="Description"
				hint="Times like 1:30 become links."
				rows={6}
				maxLength={5000}
				value={draft.description}
				fault={fields.description}
				change={(description) => set({ description })}
			/>
			<VisibilityField value={draft.visibility} change={(visibility) => set({ visibility })} />
			<TextField
				id="video-tags"
				label="Tags"
				hint="Parted by commas."
				autocomplete="off"
				value={draft.tags}
				fault={fields.tags}
				onInput={(event) => set({ tags: event.currentTarget.value })}
			/>
			<TextArea
				id="video-chapters"
				label="Chapters"
				hint="One a line: a time and a title, as in “0:00 Intro”."
				rows={5}
				value={draft.chapters}
				fault={fields.chapters}
				change={(chapters) => set({ chapters })}
			/>
			<SaveBar
				fault={faults.form}
				isBusy={isBusy}
				canDiscard={isDirty && !isBusy}
				canSave={isDirty && canSave && !isBusy}
				discard={discard}
			/>
		</form>
	);
}

function useDraft({ video, onSaved }: { video: Video; onSaved: (video: Video) => void }) {
	const [base, setBase] = useState(video);
	const [draft, setDraft] = useState(() => draftOf(video));
	const [faults, setFaults] = useState<FormFaults>(NO_FAULTS);
	const [isBusy, setBusy] = useState(false);
	const isDirty = JSON.stringify(draft) !== JSON.stringify(draftOf(base));
	useLeaveGuard(isDirty);
	async function save(): Promise<void> {
		setBusy(true);
		setFaults(NO_FAULTS);
		const { title, description, visibility } = draft;
		const { tags } = parseTags(draft.tags);
		const { chapters } = parseChapters(draft.chapters, video.durationMs);
		const change = { title, description, visibility, tags, chapters };
		try {
			const saved = await changeVideo(video.videoID, change, base);
			setBase(saved);
			setDraft(draftOf(saved));
			onSaved(saved);
			notify("Saved");
		} catch (error) {
			if (error instanceof ConflictError) setBase(error.current);
			setFaults(error instanceof ConflictError ? { fields: {}, form: CONFLICT } : faultsOf(error));
		} finally {
			setBusy(false);
		}
	}
	return {
		draft,
		set: (change: Partial<Draft>) => setDraft((was) => ({ ...was, ...change })),
		faults,
		save,
		isBusy,
		isDirty,
		discard: () => setDraft(draftOf(base)),
	};
}

/** What is wrong before the server is asked, by field. */
function faultsOfDraft(draft: Draft, durationMs: number | null): Record<string, string> {
	const faults: Record<string, string> = {};
	if (draft.title.trim() === "") faults.title = "A title helps people find it.";
	const tags = parseTags(draft.tags).fault;
	if (tags !== null) faults.tags = tags;
	const chapters = parseChapters(draft.chapters, durationMs).fault;
	if (chapters !== null) faults.chapters = chapters;
	return faults;
}

function SaveBar({
	fault,
	isBusy,
	canDiscard,
	canSave,
	discard,
}: {
	fault: string | null;
	isBusy: boolean;
	canDiscard: boolean;
	canSave: boolean;
	discard: () => void;
}): JSX.Element {
	return (
		<div class={styles.save}>
			{fault === null ? null : (
				<p class={controls.fault} role="alert">
					{fault}
				</p>
			)}
			<button type="button" class={controls.quiet} disabled={!canDiscard} onClick={discard}>
				Discard
			</button>
			<button type="submit" class={controls.primary} disabled={!canSave}>
				{isBusy ? <span class={controls.spinner} aria-hidden="true" /> : null}
				Save
			</button>
		</div>
	);
}

function TextArea({
	id,
	label,
	hint,
	fault,
	value,
	rows,
	maxLength,
	change,
}: {
	id: string;
	label: string;
	hint: string;
	fault: string | undefined;
	value: string;
	rows: number;
	maxLength?: number;
	change: (text: string) => void;
}): JSX.Element {
	return (
		<div class={controls.field}>
			<label class={controls.label} for={id}>
				{label}
			</label>
			<textarea
				id={id}
				class={`${controls.input} ${styles.textarea}`}
				rows={rows}
				value={value}
				{...(maxLength === undefined ? {} : { maxLength })}
				aria-invalid={fault !== undefined}
				aria-describedby={describedBy(id, hint, fault)}
				onInput={(event) => change(event.currentTarget.value)}
			/>
			<FieldNotes id={id} hint={hint} fault={fault} />
		</div>
	);
}

function VisibilityField({
	value,
	change,
}: {
	value: Visibility;
	change: (value: Visibility) => void;
}): JSX.Element {
	return (
		<fieldset class={styles.choices}>
			<legend class={controls.label}>Who can see it</legend>
			{Visibility.options.map((each) => (
				<label key={each} class={styles.choice} data-on={each === value}>
					<input
						type="radio"
						name="visibility"
						value={each}
						checked={each === value}
						onChange={() => change(each)}
					/>
					<span>
						<strong>{VISIBILITY_WORDS[each].label}</strong>
						<small>{VISIBILITY_WORDS[each].about}</small>
					</span>
				</label>
			))}
		</fieldset>
	);
}

function draftOf({ title, description, tags, visibility, chapters }: Video): Draft {
	return { title, description, tags: tags.join(", "), visibility, chapters: chapterLines(chapters) };
}

/** What is not saved is not lost without a question. */
function useLeaveGuard(isDirty: boolean): void {
	useEffect(() => {
		if (!isDirty) return;
		const guard = (event: BeforeUnloadEvent) => event.preventDefault();
		window.addEventListener("beforeunload", guard);
		return () => window.removeEventListener("beforeunload", guard);
	}, [isDirty]);
}
