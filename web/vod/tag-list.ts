/** Tags as people write them: parted by commas or lines, each once. */
export function parseTags(text: string): { tags: string[]; fault: string | null } {
	const tags: string[] = [];
	for (const part of text.split(/[,\n]/)) {
		const tag = part.trim().replace(/^#/, "").trim();
		if (tag === "" || tags.some((each) => each.toLowerCase() === tag.toLowerCase())) continue;
		if (tag.length > 40) return { tags, fault: `“${tag.slice(0, 20)}…” is longer than 40 letters.` };
		tags.push(tag);
	}
	return tags.length > 30 ? { tags, fault: "At most 30 tags." } : { tags, fault: null };
}
