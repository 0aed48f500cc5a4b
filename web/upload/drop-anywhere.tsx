import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import { Icon } from "../shell/icons.tsx";
import { notify } from "../shell/toasts.tsx";
import type { ChosenFile } from "./chosen-file.ts";
import styles from "./drop-anywhere.module.css";
import { droppedFiles } from "./picked-files.ts";

/** Takes files that are dropped anywhere on the page, or pasted. Shows where they go while they hang over it. */
export function DropAnywhere({ onFiles }: { onFiles: (files: ChosenFile[]) => void }): JSX.Element | null {
	const [isOver, setOver] = useState(false);
	useEffect(() => {
		const listening = new AbortController();
		const { signal } = listening;
		// Entering a child tells of leaving its parent: only the balance is the truth.
		let depth = 0;
		const end = () => {
			depth = 0;
			setOver(false);
		};
		const on = (name: "dragenter" | "dragover" | "dragleave" | "drop", act: (event: DragEvent) => void) => {
			window.addEventListener(
				name,
				(event) => {
					if (event.dataTransfer?.types.includes("Files")) act(event);
				},
				{ signal },
			);
		};
		on("dragenter", () => {
			depth += 1;
			setOver(true);
		});
		on("dragleave", () => {
			depth -= 1;
			if (depth <= 0) end();
		});
		on("dragover", (event) => event.preventDefault());
		on("drop", (event) => {
			event.preventDefault();
			end();
			if (event.dataTransfer !== null)
				void droppedFiles(event.dataTransfer).then((files) => {
					if (files.length > 0) onFiles(files);
					else notify("There is no video and no audio in what was dropped.", "bad");
				});
		});
		window.addEventListener(
			"paste",
			(event) => {
				const files = [...(event.clipboardData?.files ?? [])];
				if (files.length > 0) onFiles(files.map((file) => ({ file, handle: null })));
			},
			{ signal },
		);
		return () => listening.abort();
	}, [onFiles]);
	if (!isOver) return null;
	return (
		<div class={styles.cover} aria-hidden="true">
			<div class={styles.frame}>
				<Icon name="upload" size={44} />
				<p>Drop to upload</p>
			</div>
		</div>
	);
}
