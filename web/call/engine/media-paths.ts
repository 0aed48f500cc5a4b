import type { ReadonlySignal } from "@preact/signals";
import type { Source } from "../../../protocol/call.ts";
import type { Subscription } from "../../../protocol/call-sfu.ts";
import type { ParticipantID } from "../../../protocol/ids.ts";
import type {
	Direction,
	PeerEdges,
	SignalClientMessage,
	SignalServerMessage,
} from "../../../protocol/signal.ts";
import { AudioOutput } from "./audio-output.ts";
import type { CallMedia } from "./call-media.ts";
import { type Edge, EdgeTable } from "./edge-table.ts";
import { FlowMeter } from "./flow-meter.ts";
import { LinkKeeper } from "./link-keeper.ts";
import { limitsOfLink, tracksOnScreen, tracksToSend } from "./local-tracks.ts";
import { receivesNewWay } from "./move-readiness.ts";
import { PeopleKeeper } from "./people-keeper.ts";
import type { PersonContext, PersonMedia } from "./person-media.ts";
import type { RemotePerson } from "./remote-person.ts";
import { othersIn, type RoomState } from "./room-state.ts";
import { SfuPublisher } from "./sfu-publisher.ts";
import type { SfuAccount } from "./sfu-session.ts";
import { SfuSubscriber } from "./sfu-subscriber.ts";
import type { SourceTracks } from "./sources.ts";
import { startKbps } from "./start-bitrate.ts";
import { tracksToPull, Wishes } from "./wishes.ts";

export interface MediaPathsParts {
	account: SfuAccount;
	room: RoomState;
	/** Those who were inside when we came: we offer to them. */
	metIDs: readonly ParticipantID[];
	media: CallMedia;
	uplinkKbps: number | null;
	send: (message: SignalClientMessage) => void;
	onTrouble: (part: "send" | "receive", failures: number) => void;
}

export type PathMessage = Extract<
	SignalServerMessage,
	{ t: "offer" | "answer" | "candidate" | "edge.propose" | "edge.accept" | "edge.reject" | "edge.ready" }
>;

const NOTHING: SourceTracks = new Map();

/** The room is told of new wishes at most so often, ms. */
const WISH_EVERY_MS = 500;

/**
 * All media of one person in one call, by whichever way: what is wanted follows from the room, the edges, the devices and the
 * wishes, and `#reconcile` brings links, the publisher and the subscriber in line with it. Nothing else starts or stops them.
 */
export class MediaPaths {
	readonly people: ReadonlySignal<readonly RemotePerson[]>;
	readonly audio = new AudioOutput();
	readonly flow = new FlowMeter();
	readonly edges: EdgeTable;
	readonly links: LinkKeeper;
	readonly publisher: SfuPublisher;
	readonly subscriber: SfuSubscriber;
	/** The room does not let this call use the SFU. */
	isDirectOnly = false;
	readonly #parts: MediaPathsParts;
	readonly #keeper = new PeopleKeeper();
	readonly #wishes = new Wishes();
	/** Pairs that have had a link: after that the greater name offers. */
	readonly #linked = new Set<ParticipantID>();
	#room: RoomState;
	#isScheduled = false;
	#isClosed = false;
	#wishesSaid = "";
	#mayHaveNewWishes = true;
	#wishesSaidAt = Number.NEGATIVE_INFINITY;

	constructor(parts: MediaPathsParts) {
		this.#parts = parts;
		this.#room = parts.room;
		this.people = this.#keeper.people;
		this.edges = new EdgeTable(parts.room.config.topology);
		const onChange = () => this.schedule();
		const onDirectOnly = () => this.#giveUpSfu();
		const videoCodec = () => this.#room.config.videoCodec;
		this.links = new LinkKeeper({
			selfID: parts.account.participantID,
			iceServers: parts.account.iceServers,
			videoCodec,
			startKbps: startKbps(parts.uplinkKbps),
			send: parts.send,
			onChange,
		});
		this.publisher = new SfuPublisher({
			account: parts.account,
			picture: () => this.#room.config,
			startKbps: startKbps(parts.uplinkKbps),
			videoCodec,
			send: parts.send,
			onChange,
			onTrouble: (failures) => parts.onTrouble("send", failures),
			onDirectOnly,
		});
		this.subscriber = new SfuSubscriber({
			account: parts.account,
			isFlowing: (receiver) => this.flow.isFlowing(receiver),
			onChange,
			onTrouble: (failures) => parts.onTrouble("receive", failures),
			onDirectOnly,
		});
		this.setRoom(parts.room);
	}

	get room(): RoomState {
		return this.#room;
	}

	get all(): PersonMedia[] {
		return this.#keeper.all;
	}

	/** The room has changed: people, config, tracks. */
	setRoom(room: RoomState): void {
		this.#room = room;
		this.#mayHaveNewWishes = true;
		const now = performance.now();
		this.edges.setPolicy(
			room.config.topology,
			now,
			(peerID) => this.links.get(peerID)?.state === "connected",
		);
		const others = othersIn(room);
		for (const { participantID } of others) this.edges.add(participantID, now);
		for (const participantID of this.#keeper.set(others)) {
			this.edges.drop(participantID);
			this.links.forget(participantID);
			this.#linked.delete(participantID);
		}
		this.schedule();
	}

	/** After a welcome to somebody who has come back. */
	resume(table: readonly PeerEdges[]): void {
		this.edges.adopt(table);
		for (const link of this.links.all) link.resync();
		const { announced } = this.publisher;
		if (announced.length > 0) this.#parts.send({ t: "tracks.publish", tracks: announced });
		this.#wishesSaid = "";
		this.#mayHaveNewWishes = true;
		this.schedule();
	}

	receive(message: PathMessage): void {
		switch (message.t) {
			case "offer":
			case "answer":
			case "candidate":
				this.links.receive(message);
				break;
			default:
				this.#say(
					this.edges.receive(message, performance.now(), (peerID, via) =>
						via === "sfu" ? !this.isDirectOnly : this.links.get(peerID)?.state === "connected",
					),
				);
				this.schedule();
		}
	}

	setWishes(wishes: readonly Subscription[]): void {
		if (!this.#wishes.set(wishes)) return;
		this.#mayHaveNewWishes = true;
		this.schedule();
	}

	isWished(participantID: ParticipantID, source: Source): boolean {
		return this.#wishes.height(participantID, source) > 0;
	}

	/** Brings everything in line with what is wanted, once, when the present turn is over. */
	schedule(): void {
		if (this.#isScheduled || this.#isClosed) return;
		this.#isScheduled = true;
		queueMicrotask(() => {
			this.#isScheduled = false;
			if (!this.#isClosed) this.#reconcile();
		});
	}

	/** Looks at what flows, shows and plays it, and moves edges on. To be called every tenth of a second. `isHeard`: the room hears us. */
	tick(now: number, isHeard: boolean): void {
		this.#present(now);
		const isOnline = (peerID: ParticipantID) =>
			isHeard && this.#keeper.get(peerID)?.participant.connection === "online";
		for (const link of this.links.all) link.tick(now, isOnline(link.peerID));
		this.publisher.tick(now);
		this.subscriber.tick(now);
		if (this.#advance(now)) this.schedule();
		const given = this.edges.expire(now, (peerID) => !isOnline(peerID));
		this.#say(given);
		if (given.length > 0) this.schedule();
		this.#sayWishes(now);
	}

	/** The address may have changed: nothing that was agreed on by addresses holds. */
	renewPaths(): void {
		for (const link of this.links.all) link.restart();
		if (this.publisher.connection !== null) this.publisher.renew();
		if (this.subscriber.all.length > 0) this.subscriber.renew();
	}

	close(): void {
		this.#isClosed = true;
		this.links.closeAll();
		this.publisher.close();
		this.subscriber.close();
		this.audio.close();
		this.#keeper.set([]);
	}

	#reconcile(): void {
		const tracks = tracksToSend(this.#parts.media, this.#room.config.videoCodec);
		const peerIDs = this.edges.peerIDs;
		const goesBy = (peerID: ParticipantID, direction: Direction, via: "p2p" | "sfu") =>
			this.edges.ways(peerID, direction).includes(via);
		for (const peerID of peerIDs) {
			const isWanted =
				this.edges.policy === "p2p" || goesBy(peerID, "send", "p2p") || goesBy(peerID, "recv", "p2p");
			if (isWanted) this.#openLink(peerID);
			else this.links.close(peerID);
		}
		const direct = peerIDs.filter((peerID) => goesBy(peerID, "send", "p2p"));
		this.#sendDirect(tracks, new Set(direct));
		this.publisher.want(peerIDs.some((peerID) => goesBy(peerID, "send", "sfu")) ? tracks : null);
		this.subscriber.want(
			peerIDs
				.filter((peerID) => goesBy(peerID, "recv", "sfu"))
				.flatMap((peerID) => tracksToPull(peerID, this.#room.tracks.get(peerID) ?? [], this.#wishes)),
		);
		this.#present(performance.now());
	}

	/** Shows and plays the best of what comes in. */
	#present(now: number): void {
		const sounds = this.all.flatMap((media) => media.update(this.#context(media, now)));
		this.audio.keep(new Set(sounds));
	}

	/** Moves to the SFU will not come about in this call. */
	#giveUpSfu(): void {
		this.isDirectOnly = true;
		this.#say(this.edges.giveUp("sfu"));
		this.schedule();
	}

	#openLink(peerID: ParticipantID): void {
		const { metIDs, account } = this.#parts;
		const isCaller = this.#linked.has(peerID) ? account.participantID > peerID : metIDs.includes(peerID);
		this.#linked.add(peerID);
		this.links.open(peerID, isCaller);
	}

	/** Each direct link carries what its other end has on screen, as large as it is there. */
	#sendDirect(tracks: SourceTracks, direct: ReadonlySet<ParticipantID>): void {
		const { uplinkKbps } = this.#parts;
		for (const link of this.links.all) {
			const { peerID, peerWish: wish } = link;
			if (this.#wishes.isSaid) link.setWish(this.#wishes.videosOf(peerID));
			const carried = direct.has(peerID) ? tracksOnScreen(tracks, wish) : NOTHING;
			const limits = limitsOfLink(carried, this.#room.config, { links: direct.size, uplinkKbps, wish });
			link.setSending(carried, limits);
		}
	}

	/** Says `ready` for every move whose new way works at our end. True if an edge has changed. */
	#advance(now: number): boolean {
		let hasChanged = false;
		for (const media of this.all) {
			const { participantID } = media.person;
			for (const direction of ["send", "recv"] as const) {
				const edge = this.edges.get(participantID, direction);
				if (!edge?.move?.isOn || edge.move.isSelfReady) continue;
				const isReady =
					direction === "send" ? this.#canSend(participantID, edge) : this.#receives(media, edge, now);
				if (!isReady) continue;
				this.#say(this.edges.ready(participantID, direction));
				hasChanged = true;
			}
		}
		return hasChanged;
	}

	#canSend(peerID: ParticipantID, { move }: Edge): boolean {
		return move?.via === "sfu" ? this.publisher.isReady : this.links.get(peerID)?.state === "connected";
	}

	#receives(media: PersonMedia, edge: Edge, now: number): boolean {
		const announced = this.#room.tracks.get(media.person.participantID) ?? [];
		return receivesNewWay({
			media,
			edge,
			context: this.#context(media, now),
			announced,
			wishes: this.#wishes,
		});
	}

	#context(media: PersonMedia, now: number): PersonContext {
		const { participantID } = media.person;
		return {
			link: this.links.get(participantID),
			subscriber: this.subscriber,
			flow: this.flow,
			audio: this.audio,
			goal: this.edges.goal(participantID, "recv"),
			isWished: (source) => this.isWished(participantID, source),
			crowd: this.#keeper.size,
			now,
		};
	}

	#sayWishes(now: number): void {
		if (this.edges.policy === "p2p" && this.subscriber.all.length === 0) return;
		if (!this.#mayHaveNewWishes || now - this.#wishesSaidAt < WISH_EVERY_MS) return;
		this.#mayHaveNewWishes = false;
		const subscriptions = this.#wishes.describe(othersIn(this.#room));
		const text = JSON.stringify(subscriptions);
		if (text === this.#wishesSaid) return;
		this.#wishesSaid = text;
		this.#wishesSaidAt = now;
		this.#parts.send({ t: "subscribe", subscriptions });
	}

	#say(messages: readonly SignalClientMessage[]): void {
		for (const message of messages) this.#parts.send(message);
	}
}
