const MARK = "rostrum.reloaded-at";
/** Two failures within this time are not a new deployment: show the error instead of reloading for ever. */
const AGAIN_MS = 30_000;

/** A page left open over a deployment asks for chunks that are gone; one reload brings the new ones. */
export function reloadOnStaleChunk(): void {
	window.addEventListener("vite:preloadError", (event) => {
		const before = Number(sessionStorage.getItem(MARK) ?? 0);
		if (Date.now() - before < AGAIN_MS) return;
		event.preventDefault();
		sessionStorage.setItem(MARK, String(Date.now()));
		location.reload();
	});
}
