import { useMemo } from "preact/hooks";
import { type Shortcut, useShortcuts } from "../../shell/shortcuts.ts";
import type { LocalMedia } from "../devices/local-media.ts";

/** Microphone and camera by the same keys as in the call. */
export function useLobbyShortcuts(media: LocalMedia): void {
	const list = useMemo<Shortcut[]>(
		() => [
			{
				keys: ["Ctrl+d", "Meta+d", "m"],
				label: "Mute or unmute",
				group: "Call",
				run: () => void media.wish("microphone", !media.isMicOn.value),
			},
			{
				keys: ["Ctrl+e", "Meta+e", "v"],
				label: "Camera on or off",
				group: "Call",
				run: () => void media.wish("camera", !media.isCamOn.value),
			},
		],
		[media],
	);
	useShortcuts(list);
}
