/** How a start went: with sound, without because the browser wants a tap for it, or not at all. */
export type StartOutcome = "playing" | "muted" | "blocked" | "interrupted";

/** Starts playing; without sound if the browser does not allow sound before the first tap. */
export async function startPlaying(video: HTMLVideoElement): Promise<StartOutcome> {
	const first = await tryPlay(video);
	if (first !== "blocked" || video.muted) return first;
	video.muted = true;
	const second = await tryPlay(video);
	if (second === "playing") return "muted";
	video.muted = false;
	return second;
}

async function tryPlay(video: HTMLVideoElement): Promise<"playing" | "blocked" | "interrupted"> {
	try {
		await video.play();
		return "playing";
	} catch (error) {
		if (error instanceof DOMException && error.name === "NotAllowedError") return "blocked";
		if (error instanceof DOMException && error.name === "AbortError") return "interrupted";
		throw error;
	}
}
