import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { usePageTitle } from "../shell/page-title.ts";
import type { ChosenFile } from "../upload/chosen-file.ts";
import { FileInput, FolderButton, UploadButton } from "../upload/upload-button.tsx";
import { UploadList } from "../upload/upload-list.tsx";
import styles from "./library.module.css";
import { LibraryFilters } from "./library-filters.tsx";
import { LibraryList } from "./library-list.tsx";
import { ALL_WORKS, type LibraryFilter } from "./library-query.ts";
import { StudioGate } from "./studio-gate.tsx";

/** `/studio/library`: uploads under way, and all works of one's own. */
export function LibraryPage(): JSX.Element {
	usePageTitle("Library");
	return (
		<StudioGate>
			{({ ownerID, addFiles }) => <Library key={ownerID} ownerID={ownerID} addFiles={addFiles} />}
		</StudioGate>
	);
}

function Library({
	ownerID,
	addFiles,
}: {
	ownerID: string;
	addFiles: (files: ChosenFile[]) => void;
}): JSX.Element {
	const [filter, setFilter] = useState<LibraryFilter>(ALL_WORKS);
	return (
		<>
			<header class={styles.head}>
				<div>
					<h1 class={styles.title}>Library</h1>
					<p class={styles.lead}>Drop files or folders anywhere on this page, or paste them.</p>
				</div>
				<div class={styles.headActions}>
					<FolderButton onFiles={addFiles} />
					<UploadButton onFiles={addFiles} />
				</div>
				<FileInput onFiles={addFiles} />
			</header>
			<UploadList addFiles={addFiles} />
			<LibraryFilters filter={filter} change={setFilter} />
			<LibraryList ownerID={ownerID} filter={filter} addFiles={addFiles} />
		</>
	);
}
