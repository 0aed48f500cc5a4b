import { useEffect, useState } from "preact/hooks";
import { characterKeysOn, mayMeanShortcut } from "../../shell/shortcuts.ts";
import type { LocalMedia } from "../devices/local-media.ts";

/** Space, held down while muted, lets one speak. True while it does. */
export function usePushToTalk(media: LocalMedia): boolean {
	const [isTalking, setTalking] = useState(false);
	useEffect(() => {
		let isHeld = false;
		function press(event: KeyboardEvent): void {
			const isPlain = !event.ctrlKey && !event.altKey && !event.metaKey && !event.shiftKey;
			if (event.key !== " " || !isPlain || !characterKeysOn.value || !mayMeanShortcut(event)) return;
			// Without this Space scrolls.
			event.preventDefault();
			if (event.repeat || isHeld || media.isMicOn.value) return;
			isHeld = true;
			setTalking(true);
			void media.setMic(true);
		}
		function release(): void {
			if (!isHeld) return;
			isHeld = false;
			setTalking(false);
			void media.setMic(false);
		}
		function releaseSpace(event: KeyboardEvent): void {
			if (event.key === " ") release();
		}
		document.addEventListener("keydown", press);
		document.addEventListener("keyup", releaseSpace);
		// Somebody who holds Space and changes to another window would be heard for ever.
		window.addEventListener("blur", release);
		return () => {
			document.removeEventListener("keydown", press);
			document.removeEventListener("keyup", releaseSpace);
			window.removeEventListener("blur", release);
			release();
		};
	}, [media]);
	return isTalking;
}
