import { effect, signal } from "@preact/signals";
import { useEffect } from "preact/hooks";

/** Stands before every page's name, as while something is uploaded: `42 % · `. */
export const titlePrefix = signal("");
const pageTitle = signal("rostrum");

effect(() => {
	document.title = `${titlePrefix.value}${pageTitle.value}`;
});

/** Names the page in the tab and for screen readers. */
export function usePageTitle(title: string | null): void {
	useEffect(() => {
		pageTitle.value = title === null ? "rostrum" : `${title} · rostrum`;
	}, [title]);
}
