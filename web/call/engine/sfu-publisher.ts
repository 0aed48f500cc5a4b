import type { CallCodec, Source } from "../../../protocol/call.ts";
import type { PublishedTrack, SignalClientMessage } from "../../../protocol/signal.ts";
import type { PictureLimits } from "./layer-ladder.ts";
import { type LineSetup, PublishedLine } from "./published-line.ts";
import { sfuDelayMs } from "./reconnect-delay.ts";
import { isDirectOnly, judgeSfuFault } from "./sfu-fault.ts";
import { type SfuAccount, SfuSession } from "./sfu-session.ts";
import { SOUND_FIRST, type SourceTracks } from "./sources.ts";
import { sentBytesOf } from "./stats-reading.ts";

export interface SfuPublisherParts {
	account: SfuAccount;
	picture: () => PictureLimits;
	videoCodec: () => CallCodec | null;
	/** kbit/s to begin video with. */
	startKbps: number;
	send: (message: SignalClientMessage) => void;
	/** A source was announced, or everything is new. */
	onChange: () => void;
	/** Attempts that have failed in a row; 0 when it works again. */
	onTrouble: (failures: number) => void;
	/** The call goes direct only. */
	onDirectOnly: () => void;
}

/** A connection that is gone for this long is made anew, ms. */
const GONE_MS = 2000;
/** One that does not come about. */
const CONNECT_WITHIN_MS = 12_000;
const ANNOUNCE_EVERY_MS = 40;
/** A device of which no packet has come after this time: it is looked at less often, and nothing waits for it, ms. */
const MUTE_DEVICE_MS = 4000;
const LATE_ANNOUNCE_EVERY_MS = 500;
/** A session that was replaced goes on for this long, so that others can take the new tracks before the old ones end, ms. */
const RETIRED_MS = 5000;

/** What this person sends through the SFU: says what is wanted, and it comes about, again after every failure. */
export class SfuPublisher {
	readonly #parts: SfuPublisherParts;
	readonly #lines = new Map<Source, PublishedLine>();
	#wanted: SourceTracks | null = null;
	#session: SfuSession | null = null;
	#sessionSince = 0;
	/** Lines of this session whose place another takes. */
	#replaced: { line: PublishedLine; replacedAt: number | null }[] = [];
	#retired: { session: SfuSession; replacedAt: number | null }[] = [];
	#isWorking = false;
	#isStale = false;
	#isClosed = false;
	#names = 0;
	#failures = 0;
	#retryAt = 0;

	constructor(parts: SfuPublisherParts) {
		this.#parts = parts;
	}

	/** Null: nothing goes through the SFU any more. */
	want(tracks: SourceTracks | null): void {
		this.#wanted = tracks;
		void this.#work();
	}

	/** Everything wanted flows and is announced; a device that gives nothing is not waited for. */
	get isReady(): boolean {
		if (this.#wanted === null) return false;
		const now = performance.now();
		return [...this.#wanted].every(([source, track]) => {
			const line = this.#lines.get(source);
			return line?.track === track && (line.announced !== null || line.ageMs(now) > MUTE_DEVICE_MS);
		});
	}

	get connection(): RTCPeerConnection | null {
		return this.#session?.peer ?? null;
	}

	/** All tracks announced: to be said again if the room does not know them. */
	get announced(): PublishedTrack[] {
		return [...this.#lines.values()].flatMap((line) => line.announced ?? []);
	}

	/** The address or the service has changed: everything anew. The old goes on, if it does, until others have had time to take the new. */
	renew(): void {
		this.#retire();
		this.#retryAt = 0;
		void this.#work();
	}

	tick(now: number): void {
		const session = this.#session;
		if (session !== null) {
			const isLate =
				session.peer.connectionState !== "connected" &&
				this.#lines.size > 0 &&
				now - this.#sessionSince > CONNECT_WITHIN_MS;
			if (session.goneForMs(now) > GONE_MS || isLate) this.renew();
		}
		if (now >= this.#retryAt && (this.#isUnfinished || this.#failures > 0)) void this.#work();
		this.#closeReplaced(now);
		this.#closeRetired(now);
	}

	close(): void {
		this.#isClosed = true;
		this.#wanted = null;
		this.#discard();
		for (const { session } of this.#retired) session.close();
		this.#retired = [];
	}

	get #isUnfinished(): boolean {
		if (this.#wanted === null) return this.#session !== null;
		return [...this.#wanted.keys()].some((source) => !this.#lines.get(source)?.isPublished);
	}

	async #work(): Promise<void> {
		this.#isStale = true;
		if (this.#isWorking || this.#isClosed || performance.now() < this.#retryAt) return;
		this.#isWorking = true;
		try {
			while (this.#isStale && !this.#isClosed) {
				this.#isStale = false;
				await this.#step();
			}
			if (this.#failures > 0) this.#parts.onTrouble(0);
			this.#failures = 0;
		} catch (error) {
			this.#failed(error);
		} finally {
			this.#isWorking = false;
		}
	}

	#failed(error: unknown): void {
		if (isDirectOnly(error)) this.#parts.onDirectOnly();
		const { kind, retryAfterMs } = judgeSfuFault(error);
		this.#failures += 1;
		// A session that fails again and again is not worth more attempts, whatever it says.
		if (kind === "renew" || this.#failures % 3 === 0) this.#discard();
		this.#retryAt = performance.now() + (retryAfterMs ?? sfuDelayMs(this.#failures - 1));
		this.#parts.onTrouble(this.#failures);
	}

	async #step(): Promise<void> {
		const wanted = this.#wanted;
		if (wanted === null || wanted.size === 0) {
			await this.#removeAll();
			return;
		}
		const sources = [...this.#lines.keys()];
		for (const source of sources) {
			if (wanted.has(source) && !this.#isKept(source, wanted)) this.#replaceLater(source);
		}
		await this.#remove(sources.filter((source) => !wanted.has(source)));
		for (const [source, line] of [...this.#lines]) await this.#refresh(line, wanted.get(source));
		const missing = SOUND_FIRST.filter((source) => wanted.has(source) && !this.#lines.has(source));
		if (missing.length === 0) return;
		this.#session ??= await this.#open();
		await this.#add(this.#session, missing, wanted);
	}

	async #open(): Promise<SfuSession> {
		const session = await SfuSession.open(this.#parts.account);
		this.#sessionSince = performance.now();
		return session;
	}

	/** A line stays through a change of device; not through one of codec, nor when the new picture has layers and the old had none. */
	#isKept(source: Source, wanted: SourceTracks): boolean {
		const track = wanted.get(source);
		const line = this.#lines.get(source);
		return track !== undefined && line?.fits(track, this.#setup) === true;
	}

	async #refresh(line: PublishedLine, track: MediaStreamTrack | undefined): Promise<void> {
		if (track === undefined) return;
		const changed = await line.carry(track, this.#setup);
		if (changed !== null) this.#parts.send({ t: "tracks.publish", tracks: [changed] });
	}

	get #setup(): LineSetup {
		return { picture: this.#parts.picture(), videoCodec: this.#parts.videoCodec() };
	}

	async #add(session: SfuSession, sources: readonly Source[], wanted: SourceTracks): Promise<void> {
		const added = sources.flatMap((source) => {
			const track = wanted.get(source);
			return track === undefined ? [] : [{ source, line: this.#newLine(session, source, track) }];
		});
		let results: Awaited<ReturnType<SfuSession["publish"]>>;
		try {
			results = await session.publish(
				added.map(({ line }) => line),
				this.#parts.startKbps,
			);
		} catch (error) {
			for (const { line } of added) if (!session.isClosed) line.transceiver.stop();
			throw error;
		}
		if (this.#session !== session) return;
		for (const { source, line } of added) {
			const result = results.find(({ trackName }) => trackName === line.trackName);
			if (result === undefined || result.errorCode !== null) {
				line.transceiver.stop();
				throw new Error(`The SFU did not take ${source}: ${result?.errorCode ?? "no answer"}`);
			}
			line.published(performance.now());
			this.#lines.set(source, line);
			void this.#announce(session, source, line);
		}
	}

	#newLine(session: SfuSession, source: Source, track: MediaStreamTrack): PublishedLine {
		this.#names += 1;
		return new PublishedLine(session, { source, track, trackName: `${source}-${this.#names}` }, this.#setup);
	}

	/** Others are told once packets flow: before that the SFU would not give them the track. */
	async #announce(session: SfuSession, source: Source, line: PublishedLine): Promise<void> {
		const isCurrent = () => this.#session === session && this.#lines.get(source) === line;
		while (isCurrent()) {
			const bytes = sentBytesOf(await line.transceiver.sender.getStats());
			if (bytes > 0) break;
			const isLate = line.ageMs(performance.now()) > MUTE_DEVICE_MS;
			const waitMs = isLate ? LATE_ANNOUNCE_EVERY_MS : ANNOUNCE_EVERY_MS;
			await new Promise((resolve) => setTimeout(resolve, waitMs));
		}
		if (!isCurrent()) return;
		this.#parts.send({ t: "tracks.publish", tracks: [line.announce(session.sessionID)] });
		this.#parts.onChange();
	}

	async #remove(sources: readonly Source[]): Promise<void> {
		const lines = sources.flatMap((source) => this.#lines.get(source) ?? []);
		if (lines.length === 0) return;
		for (const source of sources) this.#lines.delete(source);
		const names = lines.flatMap((line) => (line.announced === null ? [] : [line.trackName]));
		if (names.length > 0) this.#parts.send({ t: "tracks.unpublish", trackNames: names });
		const mids = lines.flatMap(({ transceiver }) => transceiver.mid ?? []);
		for (const { transceiver } of lines) transceiver.stop();
		await this.#session?.closeTracks(mids);
	}

	async #removeAll(): Promise<void> {
		const session = this.#session;
		if (session === null) return;
		try {
			await this.#remove([...this.#lines.keys()]);
		} finally {
			if (this.#session === session) this.#session = null;
			this.#replaced = [];
			session.close();
		}
	}

	#retire(): void {
		if (this.#session !== null) this.#retired.push({ session: this.#session, replacedAt: null });
		this.#session = null;
		this.#lines.clear();
		this.#replaced = [];
	}

	/** Another line takes this one's place; it goes on until others have the new one. */
	#replaceLater(source: Source): void {
		const line = this.#lines.get(source);
		if (line !== undefined) this.#replaced.push({ line, replacedAt: null });
		this.#lines.delete(source);
	}

	#closeReplaced(now: number): void {
		for (const replaced of this.#replaced) {
			const { source } = replaced.line;
			const isThere = this.#lines.get(source)?.announced != null || !this.#wanted?.has(source);
			if (isThere) replaced.replacedAt ??= now;
		}
		const over = this.#replaced.filter(
			({ replacedAt }) => replacedAt !== null && now - replacedAt > RETIRED_MS,
		);
		if (over.length === 0) return;
		this.#replaced = this.#replaced.filter((one) => !over.includes(one));
		const mids = over.flatMap(({ line }) => line.transceiver.mid ?? []);
		for (const { line } of over) line.transceiver.stop();
		this.#session?.closeTracks(mids).catch(() => {
			// Nobody is told of these tracks any more, and without packets the SFU forgets them.
		});
	}

	#closeRetired(now: number): void {
		for (const retired of this.#retired) if (this.isReady) retired.replacedAt ??= now;
		this.#retired = this.#retired.filter(({ session, replacedAt }) => {
			const isOver =
				this.#wanted === null ||
				session.goneForMs(now) > GONE_MS ||
				(replacedAt !== null && now - replacedAt > RETIRED_MS);
			if (isOver) session.close();
			return !isOver;
		});
	}

	#discard(): void {
		this.#session?.close();
		this.#session = null;
		this.#lines.clear();
		this.#replaced = [];
	}
}
