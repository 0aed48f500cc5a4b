import type { HlsConfig, LoaderConfig } from "hls.js";
import workerURL from "hls.js/dist/hls.worker.js?url";

/** While an encoder is gone, playlists answer 503 after a while; asking again soon is what brings the picture back soon. */
const PLAYLIST_POLICY: LoaderConfig = {
	maxTimeToFirstByteMs: 10_000,
	maxLoadTimeMs: 20_000,
	timeoutRetry: { maxNumRetry: 3, retryDelayMs: 0, maxRetryDelayMs: 0 },
	errorRetry: { maxNumRetry: 10, retryDelayMs: 300, maxRetryDelayMs: 1500 },
};

/** Settings of hls.js for the two live ways and for recordings. Measured on our own packager: reference runs gave 1.5 s (low) and 6.8 s (normal). */
export function hlsConfig({
	isLowLatency,
	isLive,
	startAtSeconds,
	sign,
}: {
	isLowLatency: boolean;
	isLive: boolean;
	/** Of a recording. */
	startAtSeconds: number;
	sign: (url: string) => string;
}): Partial<HlsConfig> {
	return {
		// The ES module does not carry its worker, and the content security policy wants it from this origin.
		workerPath: workerURL,
		lowLatencyMode: isLowLatency,
		// 1 (hls.js' default) would leave a player that once stalled behind for ever.
		maxLiveSyncPlaybackRate: isLowLatency ? 1.2 : 1,
		// Without it a live stream has a duration, and every control takes it for a recording.
		liveDurationInfinity: isLive,
		// A recording that is still being made has a playlist without an end, as if it were live: it is played from its start all the same.
		startPosition: isLive ? -1 : startAtSeconds,
		// Captions lie beside it and are drawn by the player itself.
		enableWebVTT: false,
		backBufferLength: 90,
		maxBufferLength: isLive ? 20 : 30,
		capLevelToPlayerSize: true,
		abrEwmaDefaultEstimate: 3_000_000,
		startLevel: -1,
		playlistLoadPolicy: { default: PLAYLIST_POLICY },
		xhrSetup: (xhr, url) => {
			xhr.open("GET", sign(url), true);
		},
	};
}
