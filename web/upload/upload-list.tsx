import type { JSX } from "preact";
import type { ChosenFile } from "./chosen-file.ts";
import styles from "./upload-list.module.css";
import { UploadRow } from "./upload-row.tsx";
import { uploads } from "./uploads.ts";

/** Files on their way, and those that an earlier page left unfinished. Nothing if there are none. */
export function UploadList({ addFiles }: { addFiles: (files: ChosenFile[]) => void }): JSX.Element | null {
	if (uploads.value.length === 0) return null;
	return (
		<section class={styles.section} aria-labelledby="uploads">
			<h2 id="uploads" class={styles.heading}>
				Uploads
			</h2>
			<ul class={styles.list} data-testid="uploads">
				{uploads.value.map((job) => (
					<UploadRow key={job.key} job={job} addFiles={addFiles} />
				))}
			</ul>
		</section>
	);
}
