import type { JSX } from "preact";
import controls from "../shell/controls.module.css";
import styles from "./library.module.css";
import type { LibraryFilter } from "./library-query.ts";

const KINDS = [
	["all", "All"],
	["video", "Video"],
	["audio", "Audio"],
] as const;
const STATES = [
	["all", "Any status"],
	["uploading", "Uploading"],
	["processing", "Processing"],
	["playable", "Playable"],
	["ready", "Ready"],
	["failed", "Failed"],
	["deleted", "Deleted"],
] as const;
const VISIBILITIES = [
	["all", "Any visibility"],
	["public", "Public"],
	["unlisted", "Unlisted"],
	["private", "Private"],
] as const;

/** What of the library is shown. */
export function LibraryFilters({
	filter,
	change,
}: {
	filter: LibraryFilter;
	change: (filter: LibraryFilter) => void;
}): JSX.Element {
	return (
		<form class={styles.filters} aria-label="Filters" onSubmit={(event) => event.preventDefault()}>
			<fieldset class={controls.segmented}>
				<legend class="visually-hidden">Kind</legend>
				{KINDS.map(([value, label]) => (
					<button
						key={value}
						type="button"
						class={`${controls.segment} ${styles.kind}`}
						aria-pressed={filter.kind === value}
						onClick={() => change({ ...filter, kind: value })}
					>
						{label}
					</button>
				))}
			</fieldset>
			<input
				class={`${controls.input} ${styles.search}`}
				type="search"
				aria-label="Search titles and tags"
				placeholder="Search"
				value={filter.text}
				onInput={(event) => change({ ...filter, text: event.currentTarget.value })}
			/>
			<Choice
				label="Status"
				options={STATES}
				value={filter.state}
				choose={(state) => change({ ...filter, state })}
			/>
			<Choice
				label="Visibility"
				options={VISIBILITIES}
				value={filter.visibility}
				choose={(visibility) => change({ ...filter, visibility })}
			/>
		</form>
	);
}

function Choice<T extends string>({
	label,
	options,
	value,
	choose,
}: {
	label: string;
	options: readonly (readonly [T, string])[];
	value: T;
	choose: (value: T) => void;
}): JSX.Element {
	return (
		<select
			class={`${controls.input} ${styles.select}`}
			aria-label={label}
			value={value}
			onChange={(event) => {
				const chosen = options.find(([each]) => each === event.currentTarget.value);
				if (chosen !== undefined) choose(chosen[0]);
			}}
		>
			{options.map(([each, words]) => (
				<option key={each} value={each}>
					{words}
				</option>
			))}
		</select>
	);
}
