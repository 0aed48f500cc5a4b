import type { ComponentChildren, JSX } from "preact";
import { useCallback } from "preact/hooks";
import { useLocation } from "preact-iso";
import type { ChosenFile } from "../upload/chosen-file.ts";
import { DropAnywhere } from "../upload/drop-anywhere.tsx";
import { useUploader } from "../upload/use-uploader.ts";
import styles from "./studio-tabs.module.css";
import { StudioTabs } from "./studio-tabs.tsx";

/** Around the live studio: the way to the library, and files that are dropped here go there. */
export function StudioFrame({ children }: { children: ComponentChildren }): JSX.Element {
	const { route } = useLocation();
	const upload = useUploader();
	const take = useCallback(
		(files: ChosenFile[]) => {
			upload(files);
			if (files.length > 0) route("/studio/library");
		},
		[upload, route],
	);
	return (
		<>
			<div class={styles.strip}>
				<StudioTabs />
			</div>
			<DropAnywhere onFiles={take} />
			{children}
		</>
	);
}
