import { signal } from "@preact/signals";
import { remember } from "./settings.ts";

export type Theme = "dark" | "light";

/** Read by `public/theme.js` too. */
const STORAGE_KEY = "rostrum.theme";

/** The theme on screen; `public/theme.js` chose the first one before the first paint. */
export const theme = signal<Theme>(document.documentElement.dataset.theme === "light" ? "light" : "dark");

/** Switches to the other theme and remembers it. */
export function toggleTheme(): void {
	theme.value = theme.value === "dark" ? "light" : "dark";
	document.documentElement.dataset.theme = theme.value;
	remember(STORAGE_KEY, theme.value);
}
