/** Two soft tones, long enough to find the volume wheel. */
const NOTES_HZ = [523.25, 659.25] as const;
const NOTE_SECONDS = 0.35;

/** Plays a short sound on this loudspeaker ("" for the system's own). Resolves when it is over. */
export async function playTestSound(speakerID: string): Promise<void> {
	const context = new AudioContext();
	const outlet = context.createMediaStreamDestination();
	NOTES_HZ.forEach((frequency, index) => {
		playNote(context, outlet, { frequency, at: context.currentTime + 0.05 + index * NOTE_SECONDS });
	});
	const player = new Audio();
	player.srcObject = outlet.stream;
	try {
		if (speakerID !== "" && "setSinkId" in player) await player.setSinkId(speakerID);
		await player.play();
		await new Promise((resolve) => setTimeout(resolve, (NOTES_HZ.length * NOTE_SECONDS + 0.3) * 1000));
	} finally {
		player.srcObject = null;
		await context.close();
	}
}

/** One note that swells and fades, so that it does not click. */
export function playNote(
	context: AudioContext,
	outlet: AudioNode,
	{ frequency, at, gain = 0.25 }: { frequency: number; at: number; gain?: number },
): void {
	const volume = context.createGain();
	volume.gain.setValueAtTime(0, at);
	volume.gain.linearRampToValueAtTime(gain, at + 0.03);
	volume.gain.exponentialRampToValueAtTime(0.001, at + NOTE_SECONDS);
	const tone = context.createOscillator();
	tone.frequency.value = frequency;
	tone.connect(volume).connect(outlet);
	tone.start(at);
	tone.stop(at + NOTE_SECONDS);
}

/** Whether pages may choose the loudspeaker (Safari keeps it to itself). */
export function canChooseSpeaker(): boolean {
	return "setSinkId" in HTMLMediaElement.prototype;
}
