import { useEffect } from "preact/hooks";

/** Names the page in the tab and for screen readers. */
export function usePageTitle(title: string | null): void {
	useEffect(() => {
		document.title = title === null ? "rostrum" : `${title} · rostrum`;
	}, [title]);
}
