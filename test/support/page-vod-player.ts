import Hls, { Events } from "hls.js";

/** Runs in a browser page: `window.vodPlayer`, a video element with hls.js or shaka-player. `vod-player.ts` is its remote control. */

export type Engine = "hls.js" | "shaka";

/** Codecs by their names in RFC 6381: `vp09`, `opus`. */
export interface Preference {
	picture?: string;
	sound?: string;
}

/** What can be chosen; the same number again is the same one. */
export interface Quality {
	id: number;
	width: number;
	height: number;
	codecs: string;
	bandwidth: number;
}

export interface Seen {
	/** Pictures of which each differs from the one before. */
	pictures: number;
	/** Media time of the first and the last of them, in seconds. */
	firstAt: number;
	lastAt: number;
	width: number;
	height: number;
	/** RMS of the loudest moment, 0 to 1. */
	loudness: number;
	position: number;
}

interface Adapter {
	qualities(): Quality[];
	choose(id: number): void;
	/** Fatal ones, and holes that had to be jumped over. */
	faults: string[];
	close(): Promise<void>;
}

interface ShakaTrack {
	id: number;
	width: number | null;
	height: number | null;
	codecs: string | null;
	bandwidth: number;
}

interface ShakaPlayer {
	attach(video: HTMLVideoElement): Promise<void>;
	configure(settings: object): void;
	load(url: string): Promise<void>;
	destroy(): Promise<void>;
	getVariantTracks(): ShakaTrack[];
	selectVariantTrack(track: ShakaTrack, clearBuffer: boolean): void;
	addEventListener(type: "error", listener: (event: { detail: { code: number } }) => void): void;
}

declare global {
	interface Window {
		vodPlayer: PageVodPlayer;
		shaka: { polyfill: { installAll(): void }; Player: new () => ShakaPlayer };
	}
}

const PICTURES_WANTED = 6;
const SECONDS_WANTED = 0.25;
/** -40 dB; the tests' tones have -21. */
const AUDIBLE = 0.01;
const PATIENCE_MS = 20_000;
const LOOK = { width: 64, height: 36 };

class PageVodPlayer {
	readonly #sound = new AudioContext();
	readonly #ear = new AnalyserNode(this.#sound, { fftSize: 2048 });
	readonly #canvas = new OffscreenCanvas(LOOK.width, LOOK.height);
	#video = document.createElement("video");
	#adapter: Adapter | null = null;

	/** Opens it and begins to play. `prefer`: of codecs, for shaka. */
	async open(options: { engine: Engine; url: string; prefer?: Preference }): Promise<void> {
		await this.close();
		this.#video = document.createElement("video");
		document.body.replaceChildren(this.#video);
		const heard = this.#sound.createMediaElementSource(this.#video);
		heard.connect(this.#ear).connect(this.#sound.destination);
		await this.#sound.resume();
		this.#adapter =
			options.engine === "hls.js"
				? await openHls(this.#video, options.url)
				: await openShaka(this.#video, options.url, options.prefer ?? {});
		await this.#video.play();
	}

	async close(): Promise<void> {
		await this.#adapter?.close();
		this.#adapter = null;
	}

	qualities(): Quality[] {
		return this.#adapter?.qualities() ?? [];
	}

	get duration(): number {
		return this.#video.duration;
	}

	get faults(): string[] {
		return [...(this.#adapter?.faults ?? []), ...(this.#video.error ? [this.#video.error.message] : [])];
	}

	/** Goes to a position and says what is seen and heard there. */
	async seek(seconds: number, wants: Wants): Promise<Seen> {
		const isThere = happened(this.#video, "seeked");
		this.#video.currentTime = seconds;
		if (this.#video.paused) await this.#video.play();
		await isThere;
		return this.watch(wants);
	}

	/** Chooses a quality and says what is seen as soon as it is shown. */
	async choose(id: number, wants: Wants): Promise<Seen> {
		const quality = this.qualities().find((one) => one.id === id);
		this.#adapter?.choose(id);
		const isShown = () => !wants.picture || this.#video.videoHeight === quality?.height;
		await this.#until(isShown, () => `quality ${JSON.stringify(quality)}`);
		return this.watch(wants);
	}

	/** Waits until pictures have changed, sound was heard, and the clock went on. */
	async watch(wants: Wants): Promise<Seen> {
		const begunAt = this.#video.currentTime;
		const eye = new Eye(this.#video, this.#canvas);
		let loudness = 0;
		const samples = new Float32Array(this.#ear.fftSize);
		const isEnough = () => {
			this.#ear.getFloatTimeDomainData(samples);
			loudness = Math.max(
				loudness,
				Math.sqrt(samples.reduce((sum, one) => sum + one * one, 0) / samples.length),
			);
			const isSeen = !wants.picture || eye.pictures >= PICTURES_WANTED;
			const isHeard = !wants.sound || loudness > AUDIBLE;
			return isSeen && isHeard && this.#video.currentTime - begunAt >= SECONDS_WANTED;
		};
		try {
			await this.#until(isEnough, () => `pictures ${eye.pictures}, loudness ${loudness}`);
		} finally {
			eye.close();
		}
		const { videoWidth: width, videoHeight: height, currentTime: position } = this.#video;
		return { ...eye.seen, width, height, loudness, position };
	}

	/** Plays from `seconds` to the end, and says what was seen last. */
	async playToEnd(seconds: number): Promise<{ lastPictureAt: number; position: number }> {
		const isThere = happened(this.#video, "seeked");
		this.#video.currentTime = seconds;
		if (this.#video.paused) await this.#video.play();
		await isThere;
		const eye = new Eye(this.#video, this.#canvas);
		await this.#until(
			() => this.#video.ended,
			() => "the end",
		);
		eye.close();
		return { lastPictureAt: eye.seen.lastAt, position: this.#video.currentTime };
	}

	async #until(isReached: () => boolean, what: () => string): Promise<void> {
		const giveUpAt = performance.now() + PATIENCE_MS;
		while (!isReached()) {
			const { currentTime, readyState, paused, ended, buffered, videoWidth, videoHeight } = this.#video;
			if (performance.now() > giveUpAt) {
				const ranges = Array.from({ length: buffered.length }, (_, n) => [
					buffered.start(n),
					buffered.end(n),
				]);
				const state = { currentTime, readyState, paused, ended, ranges, videoWidth, videoHeight };
				throw new Error(`not reached: ${what()}; ${JSON.stringify(state)}; ${this.faults.join(", ")}`);
			}
			await new Promise((resolve) => setTimeout(resolve, 20));
		}
	}
}

export interface Wants {
	picture: boolean;
	sound: boolean;
}

/** Counts the pictures that a video shows from now on. */
class Eye {
	pictures = 0;
	#firstAt = Number.NaN;
	#lastAt = Number.NaN;
	#last = "";
	#isOpen = true;
	readonly #video: HTMLVideoElement;
	readonly #canvas: OffscreenCanvas;

	constructor(video: HTMLVideoElement, canvas: OffscreenCanvas) {
		this.#video = video;
		this.#canvas = canvas;
		this.#wait();
	}

	get seen(): { pictures: number; firstAt: number; lastAt: number } {
		return { pictures: this.pictures, firstAt: this.#firstAt, lastAt: this.#lastAt };
	}

	close(): void {
		this.#isOpen = false;
	}

	#wait(): void {
		this.#video.requestVideoFrameCallback((_now, { mediaTime }) => {
			if (!this.#isOpen) return;
			this.#look(mediaTime);
			this.#wait();
		});
	}

	#look(mediaTime: number): void {
		const context = this.#canvas.getContext("2d", { willReadFrequently: true });
		context?.drawImage(this.#video, 0, 0, LOOK.width, LOOK.height);
		const pixels = context?.getImageData(0, 0, LOOK.width, LOOK.height).data.join() ?? "";
		if (pixels === this.#last) return;
		this.#last = pixels;
		this.pictures += 1;
		if (Number.isNaN(this.#firstAt)) this.#firstAt = mediaTime;
		this.#lastAt = mediaTime;
	}
}

function happened(video: HTMLVideoElement, event: string): Promise<unknown> {
	return new Promise((resolve) => video.addEventListener(event, resolve, { once: true }));
}

async function openHls(video: HTMLVideoElement, url: string): Promise<Adapter> {
	// Its ES module does not carry its worker.
	const hls = new Hls({ enableWorker: false });
	const faults: string[] = [];
	hls.on(Events.ERROR, (_event, { fatal, type, details }) => {
		if (fatal || details === "bufferSeekOverHole") faults.push(`${type} ${details}`);
	});
	const isParsed = new Promise((resolve, reject) => {
		hls.once(Events.MANIFEST_PARSED, resolve);
		hls.on(Events.ERROR, (_event, { fatal, details }) => fatal && reject(new Error(details)));
	});
	hls.attachMedia(video);
	hls.loadSource(url);
	await isParsed;
	return {
		faults,
		qualities: () =>
			hls.levels.map(({ width, height, attrs, bitrate }, id) => ({
				...{ id, width, height, codecs: attrs.CODECS ?? "", bandwidth: bitrate },
			})),
		choose: (id) => {
			hls.currentLevel = id;
		},
		close: () => Promise.resolve(hls.destroy()),
	};
}

async function openShaka(video: HTMLVideoElement, url: string, prefer: Preference): Promise<Adapter> {
	const { shaka } = window;
	shaka.polyfill.installAll();
	const player = new shaka.Player();
	const faults: string[] = [];
	player.addEventListener("error", ({ detail }) => faults.push(`shaka ${detail.code}`));
	await player.attach(video);
	player.configure({
		abr: { enabled: false },
		preferredVideo: prefer.picture === undefined ? [] : [{ codec: prefer.picture }],
		preferredAudio: prefer.sound === undefined ? [] : [{ codec: prefer.sound }],
	});
	await player.load(url);
	return {
		faults,
		qualities: () =>
			player.getVariantTracks().map(({ id, width, height, codecs: own, bandwidth }) => ({
				...{ id, width: width ?? 0, height: height ?? 0, codecs: own ?? "", bandwidth },
			})),
		choose: (id) => {
			const track = player.getVariantTracks().find((one) => one.id === id);
			if (track === undefined) throw new Error(`no track ${id}`);
			player.selectVariantTrack(track, true);
		},
		close: () => player.destroy(),
	};
}

window.vodPlayer = new PageVodPlayer();
