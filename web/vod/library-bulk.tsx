import type { JSX } from "preact";
import { useEffect, useRef } from "preact/hooks";
import type { Video } from "../../protocol/vod.ts";
import { Visibility } from "../../protocol/vod.ts";
import controls from "../shell/controls.module.css";
import { Icon } from "../shell/icons.tsx";
import { MenuButton } from "../shell/menu.tsx";
import { deleteWorks, restoreWorks, showWorks } from "./bulk-changes.ts";
import styles from "./library.module.css";
import { chooseAll, NOTHING_SELECTED, type Selection } from "./selection.ts";
import { VISIBILITY_WORDS } from "./video-words.ts";

/** Above the list: how much of it is selected, and what can be done with that at once. Escape leaves all of it. */
export function LibraryBulk({
	items,
	selection,
	select,
	reload,
}: {
	/** What the list shows. */
	items: readonly Video[];
	selection: Selection;
	select: (selection: Selection) => void;
	reload: () => void;
}): JSX.Element {
	const selected = items.filter(({ videoID }) => selection.chosen.has(videoID));
	const count = selected.length;
	useEscape(count > 0, () => select(NOTHING_SELECTED));
	const act = (change: (videos: readonly Video[], onChange: () => void) => Promise<void>) => {
		select(NOTHING_SELECTED);
		void change(selected, reload);
	};
	return (
		<section class={styles.bulk} aria-label="Selected works" data-active={count > 0}>
			<AllBox
				count={count}
				of={items.length}
				toggle={() =>
					select(
						chooseAll(
							selection,
							items.map(({ videoID }) => videoID),
						),
					)
				}
			/>
			{count === 0 ? null : (
				<>
					{selected.every(({ deletedAt }) => deletedAt !== null) ? (
						<button type="button" class={controls.button} onClick={() => act(restoreWorks)}>
							<Icon name="retry" size={16} />
							Restore
						</button>
					) : (
						<>
							<MenuButton
								label="Visibility"
								class={controls.button}
								align="start"
								items={Visibility.options.map((visibility) => ({
									label: VISIBILITY_WORDS[visibility].label,
									run: () => act((videos, onChange) => showWorks(videos, visibility, onChange)),
								}))}
							>
								<Icon name="eye" size={16} />
								Visibility
							</MenuButton>
							<button type="button" class={controls.danger} onClick={() => act(deleteWorks)}>
								<Icon name="trash" size={16} />
								Delete
							</button>
						</>
					)}
					<button
						type="button"
						class={controls.icon}
						aria-label="Select nothing"
						title="Select nothing (Esc)"
						onClick={() => select(NOTHING_SELECTED)}
					>
						<Icon name="close" size={18} />
					</button>
				</>
			)}
		</section>
	);
}

/** Escape, where nothing else takes it. */
function useEscape(isOn: boolean, act: () => void): void {
	useEffect(() => {
		if (!isOn) return;
		const onKey = (event: KeyboardEvent) => {
			if (event.key === "Escape") act();
		};
		document.addEventListener("keydown", onKey);
		return () => document.removeEventListener("keydown", onKey);
	}, [isOn]);
}

function AllBox({ count, of, toggle }: { count: number; of: number; toggle: () => void }): JSX.Element {
	const box = useRef<HTMLInputElement>(null);
	const isSome = count > 0 && count < of;
	useEffect(() => {
		// There is no attribute for it.
		if (box.current !== null) box.current.indeterminate = isSome;
	}, [isSome]);
	return (
		<label class={styles.bulkAll}>
			<input
				ref={box}
				class={styles.box}
				type="checkbox"
				aria-label="Select all"
				checked={count > 0 && count === of}
				onClick={toggle}
			/>
			<span aria-live="polite">{count === 0 ? "Select all" : `${count} selected`}</span>
		</label>
	);
}
