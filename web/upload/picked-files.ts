import { ACCEPTED } from "./file-kind.ts";
import type { ChosenFile } from "./uploads.ts";

/** Chrome's file picker and dropped handles (WICG File System Access); not in TypeScript's DOM. */
interface FilePicker {
	showOpenFilePicker(options: { multiple: boolean }): Promise<FileSystemFileHandle[]>;
}
interface HandleItem {
	getAsFileSystemHandle(): Promise<FileSystemHandle | null>;
}

/**
 * Lets a person choose files: with handles that outlive the page where the browser has them, else by a plain file input. Call it from a
 * click. Resolves to nothing when the picker is closed.
 */
export async function pickFiles({ multiple }: { multiple: boolean }): Promise<ChosenFile[]> {
	const page: object = window;
	if (!hasPicker(page)) return await pickByInput(multiple);
	try {
		const handles = await page.showOpenFilePicker({ multiple });
		return await Promise.all(handles.map(async (handle) => ({ file: await handle.getFile(), handle })));
	} catch (error) {
		// AbortError: the person closed the picker.
		if (error instanceof DOMException && error.name === "AbortError") return [];
		return await pickByInput(multiple);
	}
}

/** The files of a drop. Must be called while the event is being handled: its data is gone afterwards. */
export async function droppedFiles(data: DataTransfer): Promise<ChosenFile[]> {
	const items = [...data.items].filter((item) => item.kind === "file");
	const chosen = await Promise.all(items.map(fileOf));
	return chosen.filter((each) => each !== null);
}

function fileOf(item: DataTransferItem): Promise<ChosenFile | null> {
	const file = item.getAsFile();
	const handle = hasHandle(item) ? item.getAsFileSystemHandle() : Promise.resolve(null);
	return handle.then(
		(found) => {
			if (found?.kind === "directory" || file === null) return null;
			return { file, handle: found instanceof FileSystemFileHandle ? found : null };
		},
		// Without a handle the file is as good; only after a restart it must be chosen again.
		() => (file === null ? null : { file, handle: null }),
	);
}

function pickByInput(multiple: boolean): Promise<ChosenFile[]> {
	return new Promise((resolve) => {
		const input = document.createElement("input");
		input.type = "file";
		input.multiple = multiple;
		input.accept = ACCEPTED;
		input.addEventListener("change", () => {
			resolve([...(input.files ?? [])].map((file) => ({ file, handle: null })));
		});
		input.addEventListener("cancel", () => resolve([]));
		input.click();
	});
}

function hasPicker(page: object): page is FilePicker {
	return "showOpenFilePicker" in page && typeof page.showOpenFilePicker === "function";
}

function hasHandle(item: object): item is HandleItem {
	return "getAsFileSystemHandle" in item && typeof item.getAsFileSystemHandle === "function";
}
