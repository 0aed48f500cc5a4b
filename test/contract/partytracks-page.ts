import { PartyTracks, type TrackMetadata } from "partytracks/client";
import { BehaviorSubject, filter, firstValueFrom, of } from "rxjs";

/** partytracks' browser half under remote control: `window.party`. */
class Party {
	readonly #tracks = new PartyTracks();
	readonly #preferredRid = new BehaviorSubject<string | undefined>(undefined);
	readonly #subscriptions = new Map<string, { unsubscribe(): void }>();

	get history(): unknown[] {
		return this.#tracks.history.entries;
	}

	/** Pushes the fake camera, with layers if wanted; its metadata once it is published. */
	async push(name: string, kind: "audio" | "video", rids: readonly string[]): Promise<TrackMetadata> {
		const constraints = kind === "video" ? { video: { width: 1280, height: 720 } } : { audio: true };
		const stream = await navigator.mediaDevices.getUserMedia(constraints);
		const [track] = stream.getTracks();
		if (track === undefined) throw new Error("no device");
		const metadata = new BehaviorSubject<TrackMetadata | null>(null);
		const encodings = rids.map((rid, index) => ({ rid, scaleResolutionDownBy: 2 ** index }));
		const pushed = this.#tracks.push(of(track), { sendEncodings$: of(encodings) });
		this.#subscriptions.set(name, pushed.subscribe(metadata));
		return await firstValueFrom(metadata.pipe(filter((value) => value !== null)));
	}

	/** Pulls a track and plays it. */
	async pull(name: string, metadata: TrackMetadata): Promise<void> {
		const track = new BehaviorSubject<MediaStreamTrack | null>(null);
		const pulled = this.#tracks.pull(of(metadata), { simulcast: { preferredRid$: this.#preferredRid } });
		this.#subscriptions.set(name, pulled.subscribe(track));
		const received = await firstValueFrom(track.pipe(filter((value) => value !== null)));
		const element = document.createElement("video");
		element.id = name;
		element.autoplay = true;
		element.muted = received.kind === "video";
		element.srcObject = new MediaStream([received]);
		document.body.append(element);
	}

	prefer(rid: string): void {
		this.#preferredRid.next(rid);
	}

	/** Lets go of a pushed or pulled track, which closes it. */
	end(name: string): void {
		this.#subscriptions.get(name)?.unsubscribe();
	}

	playback(name: string): { width: number; frames: number; seconds: number } {
		const element = document.querySelector<HTMLVideoElement>(`#${name}`);
		if (element === null) throw new Error(`${name} is not played`);
		return {
			width: element.videoWidth,
			frames: element.getVideoPlaybackQuality().totalVideoFrames,
			seconds: element.currentTime,
		};
	}
}

declare global {
	interface Window {
		party: Party;
	}
}

window.party = new Party();
