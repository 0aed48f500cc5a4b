import type { ChosenFile } from "./chosen-file.ts";
import { kindOf } from "./file-kind.ts";

/** What is in a folder, by either of the browsers' two ways to look into one. */
export interface FolderLike {
	kind: "directory";
	list: () => AsyncIterable<FolderLike | FileLike>;
}
export interface FileLike {
	kind: "file";
	name: string;
	open: () => Promise<ChosenFile>;
}

/** Deeper, and more, is not a folder of films but somebody's whole disk. */
const DEEPEST = 8;
const MOST_FILES = 500;

/**
 * The films and sounds of a folder and of those in it, in the order of their names. Anything else, and what systems hide, is left where it
 * is; a file that cannot be read is left out.
 */
export async function filesOfFolder(folder: FolderLike): Promise<ChosenFile[]> {
	const found: ChosenFile[] = [];
	await walk(folder, 0, found);
	return found;
}

async function walk(folder: FolderLike, depth: number, found: ChosenFile[]): Promise<void> {
	const folders: FolderLike[] = [];
	const files: FileLike[] = [];
	for await (const entry of folder.list()) {
		if (entry.kind === "directory") folders.push(entry);
		else if (!entry.name.startsWith(".") && kindOf({ name: entry.name, type: "" }) !== null)
			files.push(entry);
	}
	for (const file of files.toSorted((a, b) => a.name.localeCompare(b.name, undefined, { numeric: true }))) {
		if (found.length >= MOST_FILES) return;
		const chosen = await file.open().catch(() => null);
		if (chosen !== null) found.push(chosen);
	}
	if (depth >= DEEPEST) return;
	for (const inner of folders) await walk(inner, depth + 1, found);
}

/** A directory handle (WICG File System Access), whose files outlive the page. */
export function folderOfHandle(handle: FileSystemDirectoryHandle): FolderLike {
	return {
		kind: "directory",
		async *list() {
			for await (const inner of entriesOf(handle)) {
				if (inner instanceof FileSystemDirectoryHandle) yield folderOfHandle(inner);
				if (inner instanceof FileSystemFileHandle)
					yield {
						kind: "file" as const,
						name: inner.name,
						open: async () => ({ file: await inner.getFile(), handle: inner }),
					};
			}
		},
	};
}

/** An entry of the File and Directory Entries API: Firefox, Safari. */
export function folderOfEntry(entry: FileSystemDirectoryEntry): FolderLike {
	return {
		kind: "directory",
		async *list() {
			for await (const inner of partsOf(entry.createReader())) {
				if (isFolder(inner)) yield folderOfEntry(inner);
				if (isFile(inner)) yield { kind: "file" as const, name: inner.name, open: () => openEntry(inner) };
			}
		},
	};
}

/** It gives a hundred at a time, and none when it is through. */
async function* partsOf(reader: FileSystemDirectoryReader): AsyncGenerator<FileSystemEntry> {
	for (;;) {
		const part = await new Promise<FileSystemEntry[]>((resolve, reject) =>
			reader.readEntries(resolve, reject),
		);
		if (part.length === 0) return;
		yield* part;
	}
}

async function openEntry(entry: FileSystemFileEntry): Promise<ChosenFile> {
	const file = await new Promise<File>((resolve, reject) => entry.file(resolve, reject));
	return { file, handle: null };
}

export function isFolder(entry: FileSystemEntry): entry is FileSystemDirectoryEntry {
	return entry.isDirectory;
}

function isFile(entry: FileSystemEntry): entry is FileSystemFileEntry {
	return entry.isFile;
}

/** `values()` is not in TypeScript's DOM. */
function entriesOf(handle: FileSystemDirectoryHandle): AsyncIterable<FileSystemHandle> {
	const listed: object = handle;
	if (!hasValues(listed)) throw new Error("this browser cannot list a folder");
	return listed.values();
}

function hasValues(handle: object): handle is { values: () => AsyncIterable<FileSystemHandle> } {
	return "values" in handle && typeof handle.values === "function";
}
