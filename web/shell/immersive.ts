import { signal } from "@preact/signals";
import { useLayoutEffect } from "preact/hooks";

/** True while a page has the whole window to itself: no header, no tabs. */
export const isImmersive = signal(false);

/** Takes the whole window while the calling component is on screen and `isWanted`. */
export function useImmersive(isWanted: boolean): void {
	useLayoutEffect(() => {
		if (!isWanted) return;
		isImmersive.value = true;
		document.documentElement.dataset.immersive = "true";
		return () => {
			isImmersive.value = false;
			delete document.documentElement.dataset.immersive;
		};
	}, [isWanted]);
}
