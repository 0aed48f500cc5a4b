import { describe, expect, test } from "vitest";
import { captionFile, languageName } from "./caption-file.ts";

describe("a caption file", () => {
	test("tells its kind and language by its name", () => {
		expect(captionFile({ name: "talk.pt-BR.vtt", size: 5 })).toEqual({ type: "text/vtt", language: "pt-BR" });
		expect(captionFile({ name: "talk_de.SRT", size: 5 })).toEqual({
			type: "application/x-subrip",
			language: "de",
		});
		expect(captionFile({ name: "talk.vtt", size: 5 })).toEqual({ type: "text/vtt", language: null });
	});

	test("of another kind, empty or huge is refused with a reason", () => {
		expect(captionFile({ name: "talk.txt", size: 5 })).toEqual({ fault: "Captions are .vtt or .srt files." });
		expect(captionFile({ name: "talk.vtt", size: 0 })).toHaveProperty("fault");
		expect(captionFile({ name: "talk.vtt", size: 3_000_000 })).toHaveProperty("fault");
	});
});

test("a language is called by its own name, and never fails", () => {
	expect(languageName("de")).toBe("Deutsch");
	expect(languageName("no language")).toBe("no language");
});
