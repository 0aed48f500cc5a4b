/** Size and counts of the picture, as the browser keeps them. */
export function frameCounts(video: HTMLVideoElement) {
	const quality = video.getVideoPlaybackQuality?.();
	return {
		width: video.videoWidth,
		height: video.videoHeight,
		decodedFrames: quality?.totalVideoFrames ?? 0,
		droppedFrames: quality?.droppedVideoFrames ?? 0,
	};
}

/** Media ahead of the playhead without a gap, ms. */
export function bufferAheadMs(video: HTMLVideoElement): number {
	const { buffered, currentTime } = video;
	for (let index = 0; index < buffered.length; index += 1) {
		const [start, end] = [buffered.start(index), buffered.end(index)];
		if (currentTime >= start - 0.1 && currentTime <= end) return (end - currentTime) * 1000;
	}
	return 0;
}

/** Length of what can be reached by seeking, seconds. */
export function seekableSeconds(video: HTMLVideoElement): number {
	const { seekable } = video;
	if (seekable.length === 0) return 0;
	return seekable.end(seekable.length - 1) - seekable.start(0);
}
