/** Several sounds as one track. */
export interface SoundMix {
	track: MediaStreamTrack;
	close: () => void;
}

/** Mixes the sound of a shared tab or screen with the voice: WHIP sends one audio track. */
export function mixSound(tracks: readonly MediaStreamTrack[]): SoundMix {
	const context = new AudioContext();
	const output = context.createMediaStreamDestination();
	for (const track of tracks) context.createMediaStreamSource(new MediaStream([track])).connect(output);
	const [track] = output.stream.getAudioTracks();
	if (track === undefined) throw new Error("The browser made no audio track");
	return { track, close: () => void context.close() };
}
