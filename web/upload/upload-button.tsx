import type { JSX } from "preact";
import controls from "../shell/controls.module.css";
import { Icon } from "../shell/icons.tsx";
import { ACCEPTED } from "./file-kind.ts";
import { pickFiles } from "./picked-files.ts";
import type { ChosenFile } from "./uploads.ts";

/** Opens the file picker. The input beside it is for browsers, and tools, that bring files by an input. */
export function UploadButton({
	onFiles,
	large = false,
}: {
	onFiles: (files: ChosenFile[]) => void;
	large?: boolean;
}): JSX.Element {
	return (
		<>
			<button
				type="button"
				class={large ? `${controls.primary} ${controls.large}` : controls.primary}
				onClick={() => void pickFiles({ multiple: true }).then(onFiles)}
			>
				<Icon name="upload" size={18} />
				Upload
			</button>
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
		</>
	);
}
