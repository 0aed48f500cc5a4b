/** First bytes of files that people mistake for video, or pass off as it, and what they are told. */
const SIGNATURES: [string, string][] = [
	["#EXTM3U", "a playlist"],
	["ffconcat", "a playlist"],
	["[playlist]", "a playlist"],
	["<", "a text document"],
	["\x89PNG", "a picture"],
	["\xff\xd8\xff", "a picture"],
	["GIF8", "a picture"],
	["BM", "a picture"],
	["II*\0", "a picture"],
	["MM\0*", "a picture"],
	["PK\x03\x04", "an archive"],
	["PK\x05\x06", "an archive"],
	["Rar!", "an archive"],
	["7z\xbc\xaf", "an archive"],
	["\x1f\x8b", "an archive"],
	["%PDF", "a document"],
	["\x7fELF", "a program"],
	["MZ", "a program"],
	["#!", "a program"],
];

/**
 * Why a file that begins like this cannot be processed, in words for its uploader, or null if it may be video or audio.
 * It is a courtesy: what passes is still only read by demuxers of known containers.
 */
export function refusedSignature(head: Uint8Array): string | null {
	if (head.length === 0) return "The file is empty.";
	const text = Array.from(head.subarray(0, 64), (byte) => String.fromCharCode(byte)).join("");
	const trimmed = text.replace(/^(\xef\xbb\xbf)?\s+|^\xef\xbb\xbf/, "");
	const found = SIGNATURES.find(([signature]) => text.startsWith(signature) || trimmed.startsWith(signature));
	if (found !== undefined) return `This is ${found[1]}, neither video nor audio.`;
	if (text.startsWith("RIFF") && text.slice(8, 12) === "WEBP")
		return "This is a picture, neither video nor audio.";
	if (head.every((byte) => byte === 0)) return "The file contains nothing but zeros.";
	return null;
}
