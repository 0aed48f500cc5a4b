import type { MenuItem } from "../../shell/menu.tsx";

/** What can be done with any tile. */
export function tileMenu(id: string): MenuItem[] {
	if (!document.fullscreenEnabled) return [];
	return [
		{
			label: "Full screen",
			icon: "expand",
			run: () => void document.querySelector(`[data-tile="${CSS.escape(id)}"]`)?.requestFullscreen(),
		},
	];
}
