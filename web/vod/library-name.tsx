import type { JSX } from "preact";
import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import type { Video } from "../../protocol/vod.ts";
import controls from "../shell/controls.module.css";
import { renameWork } from "./bulk-changes.ts";
import styles from "./library.module.css";

const LONGEST = 140;

/** A work's title, which leads to its details; while `isEditing` a field: Enter and leaving it keep what was written, Escape does not. */
export function LibraryName({
	video,
	isEditing,
	edit,
	reload,
}: {
	video: Video;
	isEditing: boolean;
	edit: (isEditing: boolean) => void;
	reload: () => void;
}): JSX.Element {
	const { videoID, title } = video;
	/** Shown at once; the list brings the real one. */
	const [wanted, setWanted] = useState<string | null>(null);
	const link = useRef<HTMLAnchorElement>(null);
	const [mayFocus, setMayFocus] = useState(false);
	useEffect(() => setWanted(null), [title]);
	useLayoutEffect(() => {
		if (!isEditing && mayFocus) link.current?.focus();
		setMayFocus(false);
	}, [isEditing]);
	if (!isEditing) {
		return (
			<a
				ref={link}
				class={styles.name}
				href={`/studio/v/${videoID}`}
				onKeyDown={(event) => {
					if (event.key !== "F2") return;
					event.preventDefault();
					edit(true);
				}}
			>
				{wanted ?? title}
			</a>
		);
	}
	const end = (text: string | null, isByKey: boolean) => {
		setMayFocus(isByKey);
		edit(false);
		const name = text?.trim() ?? "";
		if (name === "" || name === title) return;
		setWanted(name);
		void renameWork(video, name, reload).then((isGiven) => {
			if (!isGiven) setWanted(null);
		});
	};
	return <NameField title={title} end={end} />;
}

function NameField({
	title,
	end,
}: {
	title: string;
	/** Null: nothing is to be changed. */
	end: (text: string | null, isByKey: boolean) => void;
}): JSX.Element {
	const field = useRef<HTMLInputElement>(null);
	const isOver = useRef(false);
	// At once: whoever goes on typing types here.
	useLayoutEffect(() => {
		field.current?.focus();
		field.current?.select();
	}, []);
	const endOnce = (text: string | null, isByKey: boolean) => {
		if (isOver.current) return;
		isOver.current = true;
		end(text, isByKey);
	};
	return (
		<input
			ref={field}
			class={`${controls.input} ${styles.nameField}`}
			aria-label={`New title for ${title}`}
			defaultValue={title}
			maxLength={LONGEST}
			onKeyDown={(event) => {
				if (event.key === "Enter") endOnce(event.currentTarget.value, true);
				if (event.key === "Escape") {
					event.stopPropagation();
					endOnce(null, true);
				}
			}}
			onBlur={(event) => endOnce(event.currentTarget.value, false)}
		/>
	);
}
