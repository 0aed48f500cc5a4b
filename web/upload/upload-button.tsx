import type { JSX } from "preact";
import controls from "../shell/controls.module.css";
import { Icon } from "../shell/icons.tsx";
import type { ChosenFile } from "./chosen-file.ts";
import { ACCEPTED } from "./file-kind.ts";
import { pickFiles, pickFolder } from "./picked-files.ts";

/** Opens the file picker. */
export function UploadButton({
	onFiles,
	large = false,
}: {
	onFiles: (files: ChosenFile[]) => void;
	large?: boolean;
}): JSX.Element {
	return (
		<button
			type="button"
			class={large ? `${controls.primary} ${controls.large}` : controls.primary}
			onClick={() => void pickFiles({ multiple: true }).then(onFiles)}
		>
			<Icon name="upload" size={18} />
			Upload
		</button>
	);
}

/** Opens the picker of folders. */
export function FolderButton({ onFiles }: { onFiles: (files: ChosenFile[]) => void }): JSX.Element {
	return (
		<button
			type="button"
			class={controls.button}
			onClick={() => {
				void pickFolder().then((files) => {
					if (files.length > 0) onFiles(files);
				});
			}}
		>
			<Icon name="upload" size={18} />
			Folder
		</button>
	);
}

/** An input that is not seen, for tools that bring files by an input. Once on the page. */
export function FileInput({ onFiles }: { onFiles: (files: ChosenFile[]) => void }): JSX.Element {
	return (
		<input
			type="file"
			multiple
			hidden
			accept={ACCEPTED}
			aria-label="Files to upload"
			data-testid="file-input"
			onChange={(event) => {
				onFiles([...(event.currentTarget.files ?? [])].map((file) => ({ file, handle: null })));
				event.currentTarget.value = "";
			}}
		/>
	);
}
