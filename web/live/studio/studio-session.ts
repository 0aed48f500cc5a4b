import { computed, effect, signal } from "@preact/signals";
import { getChannel } from "../../../protocol/channel.ts";
import type { StreamAnnouncement } from "../../../protocol/chat.ts";
import type { ChannelID } from "../../../protocol/ids.ts";
import {
	createLivestream,
	getStream,
	type LatencyMode,
	type Livestream,
	updateLivestream,
} from "../../../protocol/live.ts";
import { ChatRoom } from "../../chat/chat-room.ts";
import { ApiError, call } from "../../shell/api.ts";
import { recall, remember } from "../../shell/settings.ts";
import { WhipClient } from "../whip-client.ts";
import { Capture } from "./capture.ts";
import { loadIngest, makeKey } from "./stream-key.ts";

/** The channel that the studio works for. */
export interface StudioChannel {
	channelID: ChannelID;
	handle: string;
	name: string;
}

export type StudioPhase = "loading" | "setup" | "live" | "summary";

const TITLE_KEY = "rostrum.stream-title";
const MODE_KEY = "rostrum.latency-mode";
/** The chat socket says at once when a signal comes; this is for when it is not there. */
const REFRESH_EVERY_MS = 4000;

/** A streamer's working session: what is set up, sent and on air. One while the studio is open. */
export class StudioSession {
	readonly channel: StudioChannel;
	readonly room: ChatRoom;
	readonly capture = new Capture();
	readonly title = signal("");
	readonly latencyMode = signal<LatencyMode>("low");
	/** The stream that waits or is on; null = none, undefined = not known yet. */
	readonly current = signal<Livestream | null | undefined>(undefined);
	/** The stream that just ended, for its summary. */
	readonly ended = signal<Livestream | null>(null);
	readonly publisher = signal<WhipClient | null>(null);
	readonly isStarting = signal(false);
	readonly isEnding = signal(false);
	/** Why going live or ending failed. */
	readonly failure = signal<unknown>(null);
	/** Why the state of the channel could not be fetched. */
	readonly loadFailure = signal<unknown>(null);
	/** Last signs of a key that going live from here would replace: people are asked first. */
	readonly keyInQuestion = signal<string | null>(null);

	readonly phase = computed<StudioPhase>(() => {
		if (this.ended.value !== null) return "summary";
		if (this.current.value === undefined) return "loading";
		const state = this.current.value?.state;
		const isPublishing = this.publisher.value !== null && this.publisher.value.state.value !== "failed";
		return state === "live" || state === "paused" || isPublishing ? "live" : "setup";
	});

	readonly #disposals: (() => void)[] = [];
	/** The stream that already has the wished title. */
	#describedID: string | null = null;

	constructor(channel: StudioChannel) {
		this.channel = channel;
		this.room = new ChatRoom(channel.channelID, { isWatching: false });
		this.title.value = recall(TITLE_KEY) ?? `${channel.name} live`;
		const mode = recall(MODE_KEY);
		if (mode === "realtime" || mode === "low" || mode === "normal") this.latencyMode.value = mode;
		this.capture.listen();
		const timer = setInterval(() => void this.refresh(), REFRESH_EVERY_MS);
		this.#disposals.push(
			() => clearInterval(timer),
			effect(() => this.#heed(this.room.stream.value)),
			() => this.room.close(),
			() => this.capture.dispose(),
			() => this.publisher.peek()?.stop(),
		);
		void this.refresh();
	}

	/** Fetches what the channel's stream is now. */
	async refresh(): Promise<void> {
		try {
			const { channelID } = this.channel;
			const { currentStreamInfo } = await call(getChannel, { params: { channelID } });
			const streamID = currentStreamInfo?.streamID;
			this.#take(streamID === undefined ? null : await call(getStream, { params: { streamID } }));
		} catch (error) {
			this.loadFailure.value = error;
		}
	}

	/** Sends from this browser. Asks first, through `keyInQuestion`, if that needs a new key for a channel that has one. */
	async goLive({ mayReplaceKey = false, takeover = false } = {}): Promise<void> {
		const media = this.capture.media.value;
		if (media === null || this.isStarting.value) return;
		this.isStarting.value = true;
		this.failure.value = null;
		this.keyInQuestion.value = null;
		try {
			const streamKey = await this.#key(mayReplaceKey);
			if (streamKey === null) return;
			await this.#prepare();
			this.publisher.value?.stop();
			const url = `/whip/${this.channel.channelID}`;
			const publisher = new WhipClient({ url, streamKey, media, takeover });
			this.publisher.value = publisher;
			publisher.start();
		} catch (error) {
			this.failure.value = error;
		} finally {
			this.isStarting.value = false;
		}
	}

	/** Gives the stream its title and delay, now if it is on, else when it begins. */
	async describe(title: string, latencyMode: LatencyMode): Promise<void> {
		this.title.value = title;
		this.latencyMode.value = latencyMode;
		remember(TITLE_KEY, title);
		remember(MODE_KEY, latencyMode);
		if (this.current.value === null || this.current.value === undefined) return;
		const { channelID } = this.channel;
		this.#take(await call(updateLivestream, { params: { channelID }, body: { title, latencyMode } }));
	}

	/** Ends the stream for good. */
	async end(): Promise<void> {
		this.isEnding.value = true;
		this.failure.value = null;
		try {
			const { channelID } = this.channel;
			const stream = await call(updateLivestream, { params: { channelID }, body: { state: "ended" } });
			this.#finish(stream);
		} catch (error) {
			this.failure.value = error;
		} finally {
			this.isEnding.value = false;
		}
	}

	/** Back to the setup, after a summary. */
	again(): void {
		this.ended.value = null;
		this.failure.value = null;
		this.publisher.value = null;
		void this.refresh();
	}

	/** Lets go of everything. */
	dispose(): void {
		for (const dispose of this.#disposals) dispose();
	}

	async #key(mayReplace: boolean): Promise<string | null> {
		const { channelID } = this.channel;
		const { key } = await loadIngest(channelID);
		if (key.kind === "known") return key.streamKey;
		if (key.kind === "unknown" && !mayReplace) {
			this.keyInQuestion.value = key.hint;
			return null;
		}
		return await makeKey(channelID, { force: mayReplace });
	}

	/** A stream with the wished title, before the first packet. */
	async #prepare(): Promise<void> {
		const { channelID } = this.channel;
		const body = { title: this.title.value, latencyMode: this.latencyMode.value };
		remember(TITLE_KEY, body.title);
		remember(MODE_KEY, body.latencyMode);
		const stream = await this.#createOrUpdate(channelID, body);
		this.#describedID = stream.streamID;
		this.#take(stream);
	}

	async #createOrUpdate(
		channelID: ChannelID,
		body: { title: string; latencyMode: LatencyMode },
	): Promise<Livestream> {
		const params = { channelID };
		if (this.current.value) return await call(updateLivestream, { params, body });
		try {
			return await call(createLivestream, { params, body });
		} catch (error) {
			if (!(error instanceof ApiError) || error.problem.code !== "already-live") throw error;
			return await call(updateLivestream, { params, body });
		}
	}

	#take(stream: Livestream | null): void {
		this.loadFailure.value = null;
		if (stream?.state === "ended") return;
		const before = this.current.value;
		this.current.value = stream;
		if (stream !== null) void this.#describeOnce(stream);
		if (stream === null && before && (before.state === "live" || before.state === "paused")) {
			void this.#finishByID(before);
		}
	}

	/** An encoder made the stream with a default title: it gets the one that was set up here. */
	async #describeOnce(stream: Livestream): Promise<void> {
		if (this.#describedID === stream.streamID) return;
		this.#describedID = stream.streamID;
		if (stream.title !== this.channel.name) {
			this.title.value = stream.title;
			this.latencyMode.value = stream.latencyMode;
			return;
		}
		try {
			await this.describe(this.title.value, this.latencyMode.value);
		} catch (error) {
			this.failure.value = error;
		}
	}

	#heed(announced: StreamAnnouncement | null): void {
		if (announced === null) return;
		const current = this.current.peek();
		if (announced.state !== "ended") void this.refresh();
		else if (current?.streamID === announced.streamID) void this.#finishByID(current);
	}

	async #finishByID(stream: Livestream): Promise<void> {
		if (this.ended.peek()?.streamID === stream.streamID) return;
		this.#finish(stream);
		try {
			const { streamID } = stream;
			this.ended.value = await call(getStream, { params: { streamID } });
		} catch {
			// The summary shows what was known before the end.
		}
	}

	#finish(stream: Livestream): void {
		this.publisher.peek()?.stop({ isEnded: true });
		this.publisher.value = null;
		this.capture.close();
		this.ended.value = stream;
		this.current.value = null;
	}
}
