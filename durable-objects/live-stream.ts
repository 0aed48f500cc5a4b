import { DurableObject } from "cloudflare:workers";
import { type Config, readConfig } from "../adapters/config.ts";
import { log } from "../adapters/log.ts";
import { RealtimeSfu } from "../adapters/realtime-sfu.ts";
import {
	Broadcast,
	type BroadcastEffect,
	type BroadcastSnapshot,
	type Ingest,
	TICK_MS,
} from "../domain/live/broadcast.ts";
import { judgeHealth } from "../domain/live/health.ts";
import { AppError } from "../protocol/errors.ts";
import { type ChannelID, StreamID } from "../protocol/ids.ts";
import type { LatencyMode, StreamHealth } from "../protocol/live.ts";
import type { LiveEpoch, LiveHeartbeat, LivePartQuery } from "../protocol/media-job.ts";
import { LiveCatalogue } from "./live-catalogue.ts";
import { IngestSession, type PublishRequest } from "./live-ingest.ts";
import { LiveMedia } from "./live-media.ts";
import { LivePackaging } from "./live-packaging.ts";
import type { StoredSegment } from "./live-store.ts";
import { type Outcome, settle } from "./outcome.ts";

/** What the object knows of its stream besides the broadcast itself. */
export interface StreamInfo {
	streamID: StreamID;
	channelID: ChannelID;
	title: string;
	latencyMode: LatencyMode;
}

/** After a stream's end its packager is given this time to flush the last segment. */
const FLUSH_MS = 5000;

/** One broadcast: the encoder's session, packaging, playlists. Named by its streamID. */
export class LiveStream extends DurableObject<Env> {
	readonly #config: Config;
	readonly #media: LiveMedia;
	readonly #packaging: LivePackaging;
	readonly #catalogue: LiveCatalogue;
	readonly #broadcast: Broadcast;
	#publishing: Promise<unknown> = Promise.resolve();

	constructor(ctx: DurableObjectState, env: Env) {
		super(ctx, env);
		this.#config = readConfig(env);
		this.#media = new LiveMedia(ctx.storage, env.MEDIA, () => this.#streamID());
		this.#packaging = new LivePackaging(this.#config, env);
		this.#catalogue = new LiveCatalogue(env, this.#media.store);
		this.#broadcast = new Broadcast(
			this.#config,
			this.#media.store.facts.get<BroadcastSnapshot>("broadcast"),
		);
		this.#broadcast.woken(Date.now());
	}

	/** Tells the object what it is. Repeating it changes the title or the latency mode. */
	describe(info: StreamInfo): void {
		this.#media.store.facts.put("info", info);
		if (this.#broadcast.current.state === "live") this.ctx.waitUntil(this.#announce("live"));
	}

	/** WHIP POST: the SFU's answer and the session that it opened. Encoders that come at once are judged one after the other. */
	publish(
		request: PublishRequest,
	): Promise<Outcome<{ answer: string; whipSessionID: string; etag: string }>> {
		const outcome = this.#publishing.then(() => settle(() => this.#publish(request)));
		this.#publishing = outcome.catch(() => undefined);
		return outcome;
	}

	/** WHIP PATCH with trickled candidates: nothing to do, the SFU learns the encoder's address from its checks. */
	trickle(whipSessionID: string, ifMatch: string): Promise<Outcome<null>> {
		return settle(() => {
			const ingest = this.#ingest(whipSessionID);
			if (ifMatch !== ingest.etag)
				throw new AppError("precondition-failed", "The ICE session has changed since.");
			return null;
		});
	}

	/** WHIP PATCH with `If-Match: *`: an ICE restart. */
	restartIce(
		whipSessionID: string,
		credentials: { ufrag: string; password: string },
	): Promise<Outcome<{ fragment: string; etag: string }>> {
		return settle(async () => {
			const restarted = await new IngestSession(this.#sfu()).restart(
				this.#ingest(whipSessionID),
				credentials,
			);
			this.#broadcast.iceRestarted(restarted.ingest);
			this.#save();
			return { fragment: restarted.fragment, etag: restarted.ingest.etag };
		});
	}

	/** WHIP DELETE. */
	unpublish(whipSessionID: string): Promise<Outcome<null>> {
		return settle(() => {
			this.#ingest(whipSessionID);
			this.#perform(this.#broadcast.unpublished(Date.now()));
			return null;
		});
	}

	/** Throws `not-found` for a session that is not the current one. */
	checkSession(whipSessionID: string): Promise<Outcome<null>> {
		return settle(() => {
			this.#ingest(whipSessionID);
			return null;
		});
	}

	/** The key is no longer valid: the encoder goes, as if it had said goodbye. */
	cutOff(): void {
		this.#perform(this.#broadcast.unpublished(Date.now()));
	}

	end(): void {
		this.#perform(this.#broadcast.end(Date.now()));
	}

	/** Where viewers can pull from in the SFU; null while no encoder is there. */
	source(): { sessionID: string; tracks: Ingest["tracks"] } | null {
		const { ingest, state } = this.#broadcast.current;
		return ingest && state !== "ended" ? { sessionID: ingest.sfuSessionID, tracks: ingest.tracks } : null;
	}

	status(): { state: BroadcastSnapshot["state"]; isPlayable: boolean; renditions: string[] } {
		return {
			state: this.#broadcast.current.state,
			isPlayable: this.#media.isPlayable(),
			renditions: this.#media.renditions(),
		};
	}

	health(): StreamHealth {
		return judgeHealth(this.#broadcast.snapshot(), this.#media.renditions(), Date.now());
	}

	openEpoch(epoch: number, announced: LiveEpoch): Promise<Outcome<null>> {
		return settle(async () => {
			this.#media.openEpoch(epoch, announced);
			await this.#updateCatalogue();
			return null;
		});
	}

	putPart(
		at: StoredSegment & { epoch: number; part: number },
		query: LivePartQuery,
		bytes: ArrayBuffer,
	): Promise<Outcome<null>> {
		return settle(() => {
			const { isSegmentClosed } = this.#media.acceptPart(at, query, bytes);
			if (isSegmentClosed) this.ctx.waitUntil(this.#storeSegments());
			return null;
		});
	}

	heartbeat(epoch: number, heartbeat: LiveHeartbeat): Promise<Outcome<null>> {
		return settle(() => {
			const effects = this.#broadcast.heard(epoch, heartbeat, Date.now());
			if (!effects) throw new AppError("epoch-superseded", "Another packaging job has taken over.");
			if (effects.length > 0) this.#perform(effects);
			return null;
		});
	}

	/** The media program has delivered all of this epoch, asked to or because it cannot go on. */
	closeEpoch(epoch: number): void {
		if (epoch !== this.#broadcast.current.packaging.epoch) return;
		this.#media.closeEpoch(epoch);
		if (this.#broadcast.current.state === "ended") this.#endMedia();
		else this.#perform(this.#broadcast.packagingClosed(epoch, Date.now()));
		this.ctx.waitUntil(this.#storeSegments());
	}

	primaryPlaylist(query: string): Promise<Outcome<string>> {
		return settle(() => this.#media.primaryPlaylist(query));
	}

	dashManifest(query: string): Promise<Outcome<string>> {
		return settle(() => this.#media.dashManifest(query, Date.now()));
	}

	mediaPlaylist(
		options: Parameters<LiveMedia["mediaPlaylist"]>[0],
	): Promise<Outcome<{ text: string; isEnded: boolean }>> {
		return settle(() => this.#media.mediaPlaylist(options));
	}

	part(at: StoredSegment & { part: number }): Promise<ArrayBuffer | null> {
		return this.#media.part(at);
	}

	/** A closed segment that R2 may not have yet. */
	segment(at: StoredSegment): Uint8Array | null {
		return this.#media.store.segmentBytes(at);
	}

	init(epoch: number, rendition: string): ArrayBuffer | null {
		return this.#media.store.initBytes(epoch, rendition);
	}

	override async alarm(): Promise<void> {
		const now = Date.now();
		this.#perform(this.#broadcast.tick(now));
		const { state, endedAt } = this.#broadcast.current;
		if (state === "ended" && now - (endedAt ?? now) >= FLUSH_MS) this.#endMedia();
		const isAllStored = await this.#storeSegments();
		const isCatalogued = await this.#updateCatalogue();
		const isOver = state === "ended" && now - (endedAt ?? now) >= FLUSH_MS;
		if (!isOver || !isAllStored || !isCatalogued) await this.ctx.storage.setAlarm(Date.now() + TICK_MS);
	}

	async #publish({ offer, origin, takeover, media }: PublishRequest) {
		const session = new IngestSession(this.#sfu());
		const now = Date.now();
		const { ingest: before } = this.#broadcast.current;
		const isSessionActive =
			before !== null && !this.#broadcast.isHeard(now) && (await session.isActive(before));
		const verdict = this.#broadcast.mayPublish({ now, takeover, isSessionActive });
		if (verdict.is === "ended") throw new AppError("stream-ended", "This stream has ended.");
		if (verdict.is === "other-encoder-live") {
			throw new AppError("other-encoder-live", "Another encoder is live on this channel.", {
				headers: { "Retry-After": "1" },
			});
		}
		const { ingest, answer } = await session.open(offer, media);
		this.#media.store.facts.put("origin", origin);
		this.#perform(this.#broadcast.published(ingest, Date.now()));
		return { answer, whipSessionID: ingest.whipSessionID, etag: ingest.etag };
	}

	#perform(effects: BroadcastEffect[]): void {
		this.#save();
		for (const effect of effects) {
			switch (effect.do) {
				case "start-packaging":
					this.ctx.waitUntil(this.#startPackaging(effect.epoch));
					break;
				case "check-packaging":
					this.ctx.waitUntil(this.#checkPackaging(effect.epoch));
					break;
				case "stop-packaging":
					this.ctx.waitUntil(this.#stopPackaging());
					break;
				case "announce":
					this.ctx.waitUntil(this.#announce(effect.state));
					break;
				case "close-ingest":
					this.ctx.waitUntil(new IngestSession(this.#sfu()).close(effect.ingest));
					break;
			}
		}
		this.ctx.waitUntil(this.#arm());
	}

	#save(): void {
		this.#media.store.facts.put("broadcast", this.#broadcast.snapshot());
	}

	async #arm(): Promise<void> {
		if ((await this.ctx.storage.getAlarm()) === null) await this.ctx.storage.setAlarm(Date.now() + TICK_MS);
	}

	async #startPackaging(epoch: number): Promise<void> {
		const source = this.source();
		if (!source || this.#packaging.isAbsent) return;
		const firstSegment = this.#media.beginEpoch(epoch);
		const origin = this.#media.store.facts.get<string>("origin") ?? "";
		const isTaken = await this.#packaging.start({
			streamID: this.#streamID(),
			epoch,
			firstSegment,
			source,
			origin,
		});
		if (isTaken) return;
		this.#broadcast.packagingRefused(epoch);
		this.#save();
	}

	async #checkPackaging(epoch: number): Promise<void> {
		if (await this.#packaging.isRunning(this.#streamID(), epoch)) return;
		const effects = this.#broadcast.packagingLost(epoch, Date.now());
		if (effects.length > 0) this.#perform(effects);
	}

	async #stopPackaging(): Promise<void> {
		await this.#packaging.stop(this.#streamID(), this.#broadcast.current.packaging.epoch);
		if (this.#packaging.isAbsent && this.#broadcast.current.state === "ended") this.#endMedia();
	}

	/** Tells the chat's sockets and the catalogue. */
	async #announce(state: "live" | "paused" | "ended"): Promise<void> {
		const info = this.#info();
		if (!info) return;
		const { startedAt } = this.#broadcast.current;
		await this.env.CHAT_HUB.getByName(info.channelID).announce({
			t: "stream",
			state,
			streamID: info.streamID,
			title: info.title,
			startedAt: startedAt === null ? null : new Date(startedAt).toISOString(),
		});
		await this.#updateCatalogue();
	}

	#updateCatalogue(): Promise<boolean> {
		const { state, startedAt, endedAt } = this.#broadcast.current;
		return this.#catalogue.update(this.#streamID(), {
			state,
			startedAt,
			endedAt,
			renditions: this.#media.renditions(),
		});
	}

	async #storeSegments(): Promise<boolean> {
		try {
			return await this.#media.storeSegments();
		} catch (error) {
			log.error("segments.not-stored", error, { streamID: this.#streamID() });
			return false;
		}
	}

	#endMedia(): void {
		this.#media.end();
		this.ctx.waitUntil(this.#storeSegments());
	}

	#info(): StreamInfo | undefined {
		return this.#media.store.facts.get<StreamInfo>("info");
	}

	#ingest(whipSessionID: string): Ingest {
		const { ingest } = this.#broadcast.current;
		if (ingest?.whipSessionID === whipSessionID) return ingest;
		throw new AppError("not-found", "There is no such WHIP session.");
	}

	#sfu(): RealtimeSfu {
		if (!this.#config.realtime)
			throw new AppError("realtime-not-configured", "Cloudflare Realtime is not set up here.");
		return new RealtimeSfu(this.#config.realtime);
	}

	/** The object's name; after a restart by an alarm only what was stored tells it. */
	#streamID(): StreamID {
		return this.#info()?.streamID ?? StreamID.parse(this.ctx.id.name);
	}
}
