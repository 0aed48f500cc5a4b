import type { ChosenFile } from "./chosen-file.ts";
import { ACCEPTED, kindOf } from "./file-kind.ts";
import { filesOfFolder, folderOfEntry, folderOfHandle, isFolder } from "./folder-files.ts";

/** Chrome's file picker and dropped handles (WICG File System Access); not in TypeScript's DOM. */
interface FilePicker {
	showOpenFilePicker(options: { multiple: boolean }): Promise<FileSystemFileHandle[]>;
}
interface FolderPicker {
	showDirectoryPicker(): Promise<FileSystemDirectoryHandle>;
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
	if (!hasPicker(page)) return await pickByInput({ multiple, isFolder: false });
	try {
		const handles = await page.showOpenFilePicker({ multiple });
		return await Promise.all(handles.map(async (handle) => ({ file: await handle.getFile(), handle })));
	} catch (error) {
		// AbortError: the person closed the picker.
		if (error instanceof DOMException && error.name === "AbortError") return [];
		return await pickByInput({ multiple, isFolder: false });
	}
}

/** The files of a drop, and of folders in it. Must be called while the event is being handled: its data is gone afterwards. */
export async function droppedFiles(data: DataTransfer): Promise<ChosenFile[]> {
	const items = [...data.items].filter((item) => item.kind === "file");
	return (await Promise.all(items.map(filesOf))).flat();
}

/** Lets a person choose a folder. Call it from a click. Resolves to nothing when the picker is closed. */
export async function pickFolder(): Promise<ChosenFile[]> {
	const page: object = window;
	if (!hasFolderPicker(page)) return onlyMedia(await pickByInput({ multiple: true, isFolder: true }));
	try {
		return await filesOfFolder(folderOfHandle(await page.showDirectoryPicker()));
	} catch (error) {
		// AbortError: the person closed the picker.
		if (error instanceof DOMException && error.name === "AbortError") return [];
		throw error;
	}
}

function filesOf(item: DataTransferItem): Promise<ChosenFile[]> {
	const file = item.getAsFile();
	const entry = item.webkitGetAsEntry();
	const asItIs = file === null ? [] : [{ file, handle: null }];
	const handle = hasHandle(item) ? item.getAsFileSystemHandle() : Promise.resolve(null);
	return handle.then(
		(found) => {
			if (found instanceof FileSystemDirectoryHandle) return filesOfFolder(folderOfHandle(found));
			if (entry !== null && isFolder(entry)) return filesOfFolder(folderOfEntry(entry));
			return found instanceof FileSystemFileHandle && file !== null ? [{ file, handle: found }] : asItIs;
		},
		// Without a handle the file is as good; only after a restart it must be chosen again.
		() => (entry !== null && isFolder(entry) ? filesOfFolder(folderOfEntry(entry)) : asItIs),
	);
}

function onlyMedia(files: readonly ChosenFile[]): ChosenFile[] {
	return files.filter(({ file }) => !file.name.startsWith(".") && kindOf(file) !== null);
}

function pickByInput(how: { multiple: boolean; isFolder: boolean }): Promise<ChosenFile[]> {
	return new Promise((resolve) => {
		const input = document.createElement("input");
		input.type = "file";
		input.multiple = how.multiple;
		input.webkitdirectory = how.isFolder;
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

function hasFolderPicker(page: object): page is FolderPicker {
	return "showDirectoryPicker" in page && typeof page.showDirectoryPicker === "function";
}

function hasHandle(item: object): item is HandleItem {
	return "getAsFileSystemHandle" in item && typeof item.getAsFileSystemHandle === "function";
}
