import type { JSX } from "preact";
import { useEffect, useRef } from "preact/hooks";
import styles from "./seamless-video.module.css";

/**
 * Shows a track. When it is another one (the media took another way), the old picture stays until the new track has
 * presented a frame: a change of path is never black. Without a track it is empty, and what lies behind is seen.
 */
export function SeamlessVideo({
	track,
	fit,
	isMirrored = false,
	label,
}: {
	track: MediaStreamTrack | null;
	/** `contain` shows everything, `cover` fills the tile. */
	fit: "contain" | "cover";
	isMirrored?: boolean;
	label: string;
}): JSX.Element {
	const frame = useRef<HTMLDivElement>(null);
	useEffect(() => {
		const root = frame.current;
		if (root === null) return;
		if (track === null) {
			clear(root, null);
			return;
		}
		const video = makeVideo(track);
		root.prepend(video);
		const controller = new AbortController();
		whenShown(video, controller.signal, () => clear(root, video));
		video.play().catch(() => {
			// Taken away before its first frame, or held back by the browser: `autoplay` starts it when it may.
		});
		return () => controller.abort();
	}, [track]);
	useEffect(() => {
		const root = frame.current;
		return () => {
			if (root !== null) clear(root, null);
		};
	}, []);
	return (
		<div
			ref={frame}
			class={styles.frame}
			data-fit={fit}
			data-mirrored={isMirrored}
			role="img"
			aria-label={label}
			aria-hidden={track === null}
		/>
	);
}

function makeVideo(track: MediaStreamTrack): HTMLVideoElement {
	const video = document.createElement("video");
	video.autoplay = true;
	video.muted = true;
	video.playsInline = true;
	video.disablePictureInPicture = true;
	video.tabIndex = -1;
	video.setAttribute("aria-hidden", "true");
	video.srcObject = new MediaStream([track]);
	return video;
}

/** Calls back at the first frame on screen. */
function whenShown(video: HTMLVideoElement, until: AbortSignal, act: () => void): void {
	const shown = () => {
		if (!until.aborted) act();
	};
	if ("requestVideoFrameCallback" in video) video.requestVideoFrameCallback(shown);
	// Browsers without it say that data is there; the frame follows at once.
	else addLoadedListener(video, shown, until);
}

function addLoadedListener(video: HTMLVideoElement, shown: () => void, signal: AbortSignal): void {
	video.addEventListener("loadeddata", shown, { once: true, signal });
}

/** Removes all pictures but `kept`. */
function clear(root: HTMLElement, kept: HTMLVideoElement | null): void {
	for (const video of root.querySelectorAll("video")) {
		if (video === kept) continue;
		video.srcObject = null;
		video.remove();
	}
	root.dataset.shown = String(kept !== null);
}
