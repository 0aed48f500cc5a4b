import { signal } from "@preact/signals";
import { recall, remember } from "../../shell/settings.ts";

/** What captions may look like; the first of each is what they look like to begin with. */
export const CAPTION_LOOKS = {
	size: ["normal", "small", "large", "huge"],
	colour: ["white", "yellow", "green", "cyan"],
	background: ["solid", "half", "none"],
} as const;

export type CaptionLook = keyof typeof CAPTION_LOOKS;
export type CaptionStyle = Record<CaptionLook, string>;

const STORAGE_KEY = "rostrum.captions";
const LANGUAGE_KEY = "rostrum.captions.language";

/** How captions look, on this device. */
export const captionStyle = signal<CaptionStyle>(parseStyle(recall(STORAGE_KEY)));

/** Changes one thing about captions, for good. */
export function setCaptionLook(look: CaptionLook, value: string): void {
	captionStyle.value = parseStyle(JSON.stringify({ ...captionStyle.value, [look]: value }));
	remember(STORAGE_KEY, JSON.stringify(captionStyle.value));
}

/** The language that was chosen last; null: none. */
export function rememberedLanguage(): string | null {
	const language = recall(LANGUAGE_KEY);
	return language === null || language === "" ? null : language;
}

/** Keeps the choice for the next work. */
export function rememberLanguage(language: string | null): void {
	remember(LANGUAGE_KEY, language ?? "");
}

/** A style from storage; what is not known there is as in the beginning. */
export function parseStyle(stored: string | null): CaptionStyle {
	const parsed = readObject(stored);
	const pick = (look: CaptionLook): string => {
		const value = parsed.get(look);
		return CAPTION_LOOKS[look].find((each) => each === value) ?? CAPTION_LOOKS[look][0];
	};
	return { size: pick("size"), colour: pick("colour"), background: pick("background") };
}

function readObject(stored: string | null): Map<string, unknown> {
	try {
		const value: unknown = JSON.parse(stored ?? "{}");
		return new Map(Object.entries(typeof value === "object" && value !== null ? value : {}));
	} catch {
		// Not ours: as if nothing were stored.
		return new Map();
	}
}
