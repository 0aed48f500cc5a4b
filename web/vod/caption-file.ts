/** A caption file as it is sent. */
export type CaptionFile = { type: "text/vtt" | "application/x-subrip"; language: string | null };

const MOST_BYTES = 2 * 1024 * 1024;

/** What kind of caption file this is, by its name: `talk.pt-BR.vtt` names its language too. Or why it cannot be taken. */
export function captionFile(file: { name: string; size: number }): CaptionFile | { fault: string } {
	const [, bare = "", extension = ""] = /^(.*)\.([a-z]+)$/i.exec(file.name) ?? [];
	if (file.size > MOST_BYTES) return { fault: "A caption file may have 2 MB at most." };
	if (file.size === 0) return { fault: "The file is empty." };
	const type = { vtt: "text/vtt", srt: "application/x-subrip" } as const;
	const known = extension.toLowerCase();
	if (known !== "vtt" && known !== "srt") return { fault: "Captions are .vtt or .srt files." };
	const [, language = null] = /[._]([a-z]{2,3}(?:-[A-Za-z0-9]{2,8})*)$/.exec(bare) ?? [];
	return { type: type[known], language };
}

/** What a language is called, in its own words where the browser knows them. */
export function languageName(language: string): string {
	try {
		return new Intl.DisplayNames([language, "en"], { type: "language" }).of(language) ?? language;
	} catch {
		// Not a language tag that the browser knows: its own letters are name enough.
		return language;
	}
}
