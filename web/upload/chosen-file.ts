/** A file that somebody has chosen. `handle`: the way to it after a restart of the browser, where there is one. */
export interface ChosenFile {
	file: File;
	handle: FileSystemFileHandle | null;
}
