import { effect } from "@preact/signals";
import * as z from "zod";
import type { CallSession } from "../../web/call/engine/call-session.ts";
import type { RemotePerson } from "../../web/call/engine/remote-person.ts";
import { sharedAudio } from "./page-call-media.ts";

const Seen = z.object({ frames: z.number(), longestFrameGapMs: z.number() });
const Pixels = z.array(z.number()).nullable();

/** Longest pauses since `reset()`, ms, and how much there was. */
export interface Gaps {
	frames: number;
	longestFrameGapMs: number;
	longestSilenceMs: number;
	heardMs: number;
}

/** What the ear counts of a sound: runs of silence on the audio clock, so that a busy page does not falsify them. */
const EAR = `
registerProcessor("ear", class extends AudioWorkletProcessor {
	constructor() {
		super();
		this.run = 0;
		this.longest = 0;
		this.heard = 0;
		this.port.onmessage = ({ data }) => {
			if (data === "reset") { this.longest = 0; this.run = 0; this.heard = 0; }
			else this.port.postMessage({ longest: Math.max(this.longest, this.run), heard: this.heard });
		};
	}
	process([[samples] = []]) {
		const isLoud = samples !== undefined && samples.some((sample) => Math.abs(sample) > 0.005);
		if (isLoud) { this.longest = Math.max(this.longest, this.run); this.run = 0; this.heard += 128; }
		else this.run += 128;
		return true;
	}
});`;

/** What the eye counts of a picture, in a thread of its own: when frames come out of the decoder, whichever track they are of. */
const EYE = `
let frames = 0, longest = 0, lastAt = performance.now(), shown = -1, last = null;
const watch = async (readable, number) => {
	const reader = readable.getReader();
	for (;;) {
		const { done, value } = await reader.read();
		if (done) return;
		if (number < shown) { value.close(); reader.cancel(); return; }
		shown = number;
		const now = performance.now();
		longest = Math.max(longest, now - lastAt);
		lastAt = now;
		frames += 1;
		last?.close();
		last = value;
	}
};
const look = () => {
	if (last === null) return null;
	const canvas = new OffscreenCanvas(16, 9);
	const context = canvas.getContext("2d");
	context.drawImage(last, 0, 0, 16, 9);
	return [...context.getImageData(0, 0, 16, 9).data].filter((_, index) => index % 4 === 1);
};
onmessage = ({ data, ports: [port] }) => {
	if (data.readable) watch(data.readable, data.number);
	else if (data === "reset") { frames = 0; longest = 0; lastAt = performance.now(); }
	else if (data === "look") port.postMessage(look());
	else port.postMessage({ frames, longestFrameGapMs: Math.max(longest, performance.now() - lastAt) });
};`;

let earModule: Promise<void> | null = null;

/** Sees and hears one person as a page would: the picture by the tracks that it shows, the sound through what the engine makes audible. */
export class Senses {
	readonly #person: RemotePerson;
	readonly #session: CallSession;
	readonly #eye = new Worker(URL.createObjectURL(new Blob([EYE], { type: "text/javascript" })));
	readonly #sounds = new Map<MediaStreamTrack, { source: MediaStreamAudioSourceNode; gain: GainNode }>();
	readonly #stops: (() => void)[] = [];
	#ear: AudioWorkletNode | null = null;
	#tracks = 0;

	constructor(session: CallSession, person: RemotePerson) {
		this.#session = session;
		this.#person = person;
		this.#stops.push(effect(() => this.#look(person.cam.value)));
	}

	async listen(): Promise<void> {
		const context = sharedAudio();
		earModule ??= context.audioWorklet.addModule(
			URL.createObjectURL(new Blob([EAR], { type: "text/javascript" })),
		);
		await earModule;
		this.#ear = new AudioWorkletNode(context, "ear", { numberOfOutputs: 0 });
		const timer = setInterval(() => this.#follow(), 20);
		this.#stops.push(() => clearInterval(timer));
	}

	reset(): void {
		this.#eye.postMessage("reset");
		this.#ear?.port.postMessage("reset");
	}

	async gaps(): Promise<Gaps> {
		const seen = Seen.parse(await this.#ask("tell"));
		const port = this.#ear?.port;
		const sound = await new Promise<{ longest: number; heard: number }>((resolve) => {
			if (port === undefined) return resolve({ longest: 0, heard: 0 });
			port.onmessage = ({ data }: MessageEvent<{ longest: number; heard: number }>) => resolve(data);
			port.postMessage("tell");
		});
		const rate = sharedAudio().sampleRate / 1000;
		return { ...seen, longestSilenceMs: sound.longest / rate, heardMs: sound.heard / rate };
	}

	/** Brightness of some pixels of the picture now; null without one. */
	async picture(): Promise<number[] | null> {
		return Pixels.parse(await this.#ask("look"));
	}

	stop(): void {
		for (const stop of this.#stops) stop();
		this.#eye.terminate();
		for (const { source } of this.#sounds.values()) source.disconnect();
	}

	/** Each track that the engine shows is looked at; the one before stays until the new one has a frame, as in a page. */
	#look(track: MediaStreamTrack | null): void {
		if (track === null) return;
		this.#tracks += 1;
		const { readable } = new MediaStreamTrackProcessor({ track });
		this.#eye.postMessage({ readable, number: this.#tracks }, [readable]);
	}

	#ask(question: "tell" | "look"): Promise<unknown> {
		return new Promise((resolve) => {
			const { port1, port2 } = new MessageChannel();
			port1.onmessage = ({ data }: MessageEvent<unknown>) => resolve(data);
			this.#eye.postMessage(question, [port2]);
		});
	}

	/** Each received microphone goes to the ear as loud as the engine plays it. */
	#follow(): void {
		const ear = this.#ear;
		const paths = this.#session.presence?.paths;
		if (ear === null || paths == null) return;
		const { participantID } = this.#person;
		const direct = paths.links.get(participantID)?.receiver("mic")?.track ?? null;
		const relayed = paths.subscriber.pulled(participantID, "mic").map(({ receiver }) => receiver.track);
		const tracks = new Set(direct === null ? relayed : [direct, ...relayed]);
		for (const [track, { source }] of this.#sounds) {
			if (tracks.has(track)) continue;
			source.disconnect();
			this.#sounds.delete(track);
		}
		for (const track of tracks) {
			const known = this.#sounds.get(track) ?? this.#connect(track, ear);
			known.gain.gain.value = paths.audio.isAudible(track) ? 1 : 0;
		}
	}

	#connect(track: MediaStreamTrack, ear: AudioWorkletNode) {
		const source = sharedAudio().createMediaStreamSource(new MediaStream([track]));
		const gain = new GainNode(sharedAudio(), { gain: 0 });
		source.connect(gain).connect(ear);
		const made = { source, gain };
		this.#sounds.set(track, made);
		return made;
	}
}
