import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import controls from "../shell/controls.module.css";
import { FailurePanel } from "../shell/failure-panel.tsx";
import { Icon } from "../shell/icons.tsx";
import { type Resource, useResource } from "../shell/resource.ts";
import type { ChosenFile } from "../upload/chosen-file.ts";
import { UploadButton } from "../upload/upload-button.tsx";
import { uploads } from "../upload/uploads.ts";
import styles from "./library.module.css";
import { LibraryBulk } from "./library-bulk.tsx";
import { isShown, type LibraryFilter, type LibraryPart, loadLibrary } from "./library-query.ts";
import { LibraryRow } from "./library-row.tsx";
import { choose, NOTHING_SELECTED } from "./selection.ts";
import { isChanging } from "./video-words.ts";

/** The list is fetched again this often, ms: while something changes by itself, and otherwise. */
const BUSY_MS = 3000;
const CALM_MS = 30_000;
const SKELETONS = 4;

/** All works of one's own that the filter lets through. Those with a row among the uploads are not shown twice. */
export function LibraryList({
	ownerID,
	filter,
	addFiles,
}: {
	ownerID: string;
	filter: LibraryFilter;
	addFiles: (files: ChosenFile[]) => void;
}): JSX.Element {
	const [pages, setPages] = useState(1);
	const [isBusy, setBusy] = useState(false);
	const [selection, select] = useState(NOTHING_SELECTED);
	const library = useResource(`${ownerID} ${pages}`, (signal) => loadLibrary(ownerID, pages, signal), {
		everyMs: isBusy ? BUSY_MS : CALM_MS,
	});
	const shown = useLastGood(library);
	const isAnyChanging = (shown?.items ?? []).some((video) => video.deletedAt === null && isChanging(video));
	useEffect(() => setBusy(isAnyChanging), [isAnyChanging]);
	useReloadAfterUploads(library.reload);
	if (shown === undefined) {
		return library.failure === null ? (
			<Skeletons />
		) : (
			<FailurePanel error={library.failure} retry={library.reload} />
		);
	}
	const inUploads = new Set(uploads.value.map((job) => job.assetID.value));
	const items = shown.items.filter((video) => isShown(video, filter) && !inUploads.has(video.videoID));
	const hasAny = shown.items.some(({ deletedAt }) => deletedAt === null) || uploads.value.length > 0;
	return (
		<section aria-label="Works" aria-busy={library.isLoading}>
			{library.failure === null ? null : <Stale reload={library.reload} />}
			{items.length === 0 ? <Nothing hasAny={hasAny} filter={filter} addFiles={addFiles} /> : null}
			{items.length === 0 ? null : (
				<LibraryBulk items={items} selection={selection} select={select} reload={library.reload} />
			)}
			<ul class={styles.list} data-testid="library">
				{items.map((video) => (
					<LibraryRow
						key={video.videoID}
						video={video}
						reload={library.reload}
						isSelected={selection.chosen.has(video.videoID)}
						choose={(isRange) => {
							const shownIDs = items.map(({ videoID }) => videoID);
							select(choose(selection, shownIDs, { id: video.videoID, isRange }));
						}}
					/>
				))}
			</ul>
			{shown.hasMore ? (
				<button type="button" class={controls.button} onClick={() => setPages(pages + 1)}>
					Show more
				</button>
			) : null}
		</section>
	);
}

/** While another page is on its way, what was there stays. */
function useLastGood(library: Resource<LibraryPart>): LibraryPart | undefined {
	const [held, setHeld] = useState<LibraryPart | undefined>(undefined);
	const { value } = library;
	useEffect(() => {
		if (value !== undefined) setHeld(value);
	}, [value]);
	return value ?? held;
}

/** An upload that is through is a work of the list from then on. */
function useReloadAfterUploads(reload: () => void): void {
	const known = uploads.value.map((job) => `${job.assetID.value} ${job.phase.value.kind}`).join();
	const [last, setLast] = useState(known);
	useEffect(() => {
		if (known === last) return;
		setLast(known);
		reload();
	}, [known, last, reload]);
}

function Stale({ reload }: { reload: () => void }): JSX.Element {
	return (
		<p class={styles.stale} role="status">
			<Icon name="alert" size={16} />
			Not up to date
			<button type="button" class={controls.quiet} onClick={reload}>
				<Icon name="retry" size={16} />
				Try again
			</button>
		</p>
	);
}

function Nothing({
	hasAny,
	filter,
	addFiles,
}: {
	hasAny: boolean;
	filter: LibraryFilter;
	addFiles: (files: ChosenFile[]) => void;
}): JSX.Element | null {
	if (filter.state === "deleted") return <p class={styles.none}>Nothing was deleted in the last 30 days.</p>;
	const isFiltered =
		filter.kind !== "all" ||
		filter.state !== "all" ||
		filter.visibility !== "all" ||
		filter.text.trim() !== "";
	if (hasAny) return isFiltered ? <p class={styles.none}>Nothing here is like that.</p> : null;
	return (
		<div class={styles.empty} data-testid="library-empty">
			<Icon name="upload" size={40} />
			<h2>Nothing here yet</h2>
			<p>Drop a video or an audio file anywhere on this page. It plays as soon as its last byte is here.</p>
			<UploadButton onFiles={addFiles} large />
		</div>
	);
}

function Skeletons(): JSX.Element {
	return (
		<div class={styles.list} aria-hidden="true">
			{Array.from({ length: SKELETONS }, (_, index) => (
				<div key={index} class={`${styles.rowBone} ${controls.skeleton}`} />
			))}
		</div>
	);
}
