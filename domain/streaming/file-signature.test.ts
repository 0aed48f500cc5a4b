import { expect, test } from "vitest";
import { refusedSignature } from "./file-signature.ts";

test.each([
	["", "The file is empty."],
	["#EXTM3U\n", "This is a playlist, neither video nor audio."],
	["\xef\xbb\xbf \n#EXTM3U\n", "This is a playlist, neither video nor audio."],
	["  <svg xmlns", "This is a text document, neither video nor audio."],
	["PK\x03\x04rest", "This is an archive, neither video nor audio."],
	["RIFF\0\0\0\0WEBPVP8 ", "This is a picture, neither video nor audio."],
	["\0\0\0\0\0\0", "The file contains nothing but zeros."],
])("a file that begins with %j is refused in plain words", (head, reason) => {
	expect(refusedSignature(bytes(head))).toBe(reason);
});

test.each(["\0\0\0 ftypisom", "\x1aE\xdf\xa3", "RIFF\0\0\0\0WAVEfmt ", "ID3\x04", "fLaC", "OggS", "GRRR"])(
	"a file that begins with %j may be video or audio",
	(head) => {
		expect(refusedSignature(bytes(head))).toBeNull();
	},
);

function bytes(text: string): Uint8Array {
	return Uint8Array.from(text, (letter) => letter.charCodeAt(0));
}
