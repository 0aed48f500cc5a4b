/** `filename d29ybGQ=,is_private` (https://tus.io/protocols/resumable-upload#upload-metadata); null if it is not of this form. */
export function parseMetadata(header: string): ReadonlyMap<string, string> | null {
	const pairs = new Map<string, string>();
	for (const item of header.split(",").map((pair) => pair.trim())) {
		if (item === "") continue;
		const [name = "", value = "", ...more] = item.split(/\s+/);
		const text = decode(value);
		if (more.length > 0 || text === null || pairs.has(name)) return null;
		pairs.set(name, text);
	}
	return pairs;
}

/** Base64 of UTF-8. */
function decode(value: string): string | null {
	try {
		const bytes = Uint8Array.from(atob(value), (sign) => sign.charCodeAt(0));
		return new TextDecoder("utf-8", { fatal: true, ignoreBOM: false }).decode(bytes);
	} catch {
		// Not base64, or not UTF-8.
		return null;
	}
}
