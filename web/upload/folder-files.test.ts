import { expect, test } from "vitest";
import { type FileLike, type FolderLike, filesOfFolder } from "./folder-files.ts";

type Tree = { [name: string]: Tree | "file" | "locked" };

function folderOf(tree: Tree): FolderLike {
	return {
		kind: "directory",
		async *list() {
			for (const [name, inner] of Object.entries(tree))
				yield typeof inner === "string" ? fileOf(name, inner === "locked") : folderOf(inner);
		},
	};
}

function fileOf(name: string, isLocked = false): FileLike {
	return {
		kind: "file",
		name,
		open: () =>
			isLocked
				? Promise.reject(new DOMException("no", "NotReadableError"))
				: Promise.resolve({ file: new File(["x"], name), handle: null }),
	};
}

async function namesIn(tree: Tree): Promise<string[]> {
	return (await filesOfFolder(folderOf(tree))).map(({ file }) => file.name);
}

test("films and sounds of a folder and of its folders are found, in order", async () => {
	const tree: Tree = { "10.mp4": "file", "2.mp4": "file", inner: { "a.mp3": "file" }, "b.webm": "file" };

	expect(await namesIn(tree)).toEqual(["2.mp4", "10.mp4", "b.webm", "a.mp3"]);
});

test("what is no film, is hidden, or cannot be read is left out", async () => {
	const tree: Tree = {
		".hidden.mp4": "file",
		"notes.txt": "file",
		"locked.mp4": "locked",
		".DS_Store": "file",
		"film.mkv": "file",
	};

	expect(await namesIn(tree)).toEqual(["film.mkv"]);
});

test("a folder without a bottom comes to an end", async () => {
	const endless: FolderLike = {
		kind: "directory",
		async *list() {
			yield fileOf("again.mp4");
			yield endless;
		},
	};

	expect(await filesOfFolder(endless)).toHaveLength(9);
});

test("of a whole disk only so many are taken", async () => {
	const tree: Tree = Object.fromEntries(Array.from({ length: 700 }, (_, index) => [`${index}.mp4`, "file"]));

	expect(await namesIn(tree)).toHaveLength(500);
});
