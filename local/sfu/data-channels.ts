import type { DataChannelHandle } from "../../webrtc/transport.ts";
import type { DataChannelReply, DataChannelRequest } from "./data-channel-api.ts";
import { ITEM_ERRORS } from "./failure.ts";
import type { Peer } from "./peer.ts";

/** A channel between the SFU and one endpoint. */
type Channel = {
	id: number;
	name: string;
	handle: DataChannelHandle;
	/** Null for a publication, else the publisher's session and its publication. */
	source: { sessionID: string; publication: Publication } | null;
	publication: Publication | null;
	/** Closes a subscription that does not acknowledge in time. */
	ackTimer: NodeJS.Timeout | null;
	hasOpened: boolean;
	/** Holds the publisher's messages back until the subscriber has sent its first. */
	awaitsAck: boolean;
};

/** A published channel: what it sends goes to all its subscriptions, and one of them may reply. */
type Publication = { channel: Channel; subscriptions: Set<Channel>; replier: Channel | null };

type ListedChannel = {
	location: "local" | "remote";
	sessionId?: string;
	dataChannelName: string;
	id: number;
	status: "active" | "inactive" | "initializing";
};

/** The data channels of one session. Ids are the session's own: the two ends of a publication may differ. */
export class DataChannels {
	readonly #peer: Peer;
	readonly #channels = new Map<number, Channel>();
	readonly #ackWithinMs: number;
	#isEstablished = false;
	#events: DataChannelHandle | null = null;

	constructor(peer: Peer, ackWithinMs = ACK_WITHIN_MS) {
		this.#peer = peer;
		this.#ackWithinMs = ackWithinMs;
	}

	get isEstablished(): boolean {
		return this.#isEstablished;
	}

	establish(): void {
		this.#isEstablished = true;
	}

	/** The transport is open: the channel that every established session has comes up. */
	opened(): void {
		if (!this.#isEstablished || !this.#peer.hasDataChannels) return;
		this.#events ??= this.#peer.openDataChannel({ id: EVENTS_ID, label: EVENTS_NAME, ordered: true });
	}

	publish(item: DataChannelRequest): DataChannelReply {
		const name = item.dataChannelName;
		if (this.find(name) !== null) return failed(item, ITEM_ERRORS.repeated);
		const channel = this.#open(item, null);
		const publication: Publication = { channel, subscriptions: new Set(), replier: null };
		channel.publication = publication;
		channel.handle.onMessage((message) => {
			for (const { handle, awaitsAck } of publication.subscriptions) if (!awaitsAck) handle.send(message);
		});
		return { location: "local", dataChannelName: name, id: channel.id };
	}

	/** Another session's publication of this name, or null. */
	find(name: string): Publication | null {
		for (const { publication } of this.#channels.values()) {
			if (publication?.channel.name === name) return publication;
		}
		return null;
	}

	subscribe(item: DataChannelRequest, publisher: DataChannels | null): DataChannelReply {
		const publication = publisher?.find(item.dataChannelName) ?? null;
		if (publication === null || item.sessionId === undefined) return failed(item, ITEM_ERRORS.notFound);
		if (this.#findSubscription(item) !== null) return failed(item, ITEM_ERRORS.repeated);
		const channel = this.#open(item, { sessionID: item.sessionId, publication });
		publication.subscriptions.add(channel);
		if (item.canReply) publication.replier = channel;
		if (item.waitForAck) {
			channel.awaitsAck = true;
			channel.ackTimer = setTimeout(() => this.close(channel.id), this.#ackWithinMs);
		}
		channel.handle.onMessage((message) => {
			if (channel.awaitsAck) acknowledge(channel);
			else if (publication.replier === channel) publication.channel.handle.send(message);
		});
		const { sessionId, dataChannelName } = item;
		return { location: "remote", sessionId, dataChannelName, id: channel.id };
	}

	/** Grants or takes back the one right to reply. */
	update(item: DataChannelRequest): DataChannelReply {
		const channel = this.#findSubscription(item);
		const publication = channel?.source?.publication;
		if (channel === null || publication === undefined) return failed(item, ITEM_ERRORS.notFound);
		if (item.canReply) publication.replier = channel;
		else if (publication.replier === channel) publication.replier = null;
		const { dataChannelName, sessionId } = item;
		return { location: "remote", dataChannelName, id: channel.id, ...(sessionId && { sessionId }) };
	}

	/** False if there is no such channel. Subscriptions of a closed publication close with it. */
	close(id: number): boolean {
		const channel = this.#channels.get(id);
		if (channel === undefined) return false;
		this.#channels.delete(id);
		release(channel);
		return true;
	}

	closeAll(): void {
		for (const id of Array.from(this.#channels.keys())) this.close(id);
	}

	list(): ListedChannel[] {
		return Array.from(this.#channels.values(), ({ id, name, handle, source, hasOpened }) => ({
			location: source === null ? "local" : "remote",
			...(source === null ? {} : { sessionId: source.sessionID }),
			dataChannelName: name,
			id,
			status: statusOf(handle.isOpen, hasOpened),
		}));
	}

	#open(item: DataChannelRequest, source: Channel["source"]): Channel {
		const id = this.#freeID();
		const handle = this.#peer.openDataChannel({
			id,
			label: item.dataChannelName,
			ordered: item.ordered,
			...(item.maxRetransmits === undefined ? {} : { maxRetransmits: item.maxRetransmits }),
			...(item.maxPacketLifeTime === undefined ? {} : { maxPacketLifeTimeMs: item.maxPacketLifeTime }),
		});
		const name = item.dataChannelName;
		const channel: Channel = {
			id,
			name,
			handle,
			source,
			publication: null,
			ackTimer: null,
			hasOpened: false,
			awaitsAck: false,
		};
		handle.onOpen(() => {
			channel.hasOpened = true;
		});
		this.#channels.set(id, channel);
		return channel;
	}

	#freeID(): number {
		let id = EVENTS_ID + 1;
		while (this.#channels.has(id)) id += 1;
		return id;
	}

	#findSubscription(item: DataChannelRequest): Channel | null {
		for (const channel of this.#channels.values()) {
			const isSame = channel.name === item.dataChannelName && channel.source?.sessionID === item.sessionId;
			if (isSame && channel.source !== null) return channel;
		}
		return null;
	}
}

const EVENTS_ID = 0;
const EVENTS_NAME = "server-events";
/** https://developers.cloudflare.com/realtime/sfu/features/datachannels/#wait-for-subscriber-readiness-waitforack */
const ACK_WITHIN_MS = 30_000;

function statusOf(isOpen: boolean, hasOpened: boolean): ListedChannel["status"] {
	if (isOpen) return "active";
	return hasOpened ? "inactive" : "initializing";
}

function acknowledge(channel: Channel): void {
	channel.awaitsAck = false;
	if (channel.ackTimer !== null) clearTimeout(channel.ackTimer);
}

function release(channel: Channel): void {
	if (channel.ackTimer !== null) clearTimeout(channel.ackTimer);
	channel.handle.close();
	const source = channel.source?.publication;
	source?.subscriptions.delete(channel);
	if (source?.replier === channel) source.replier = null;
	for (const subscription of channel.publication?.subscriptions ?? []) subscription.handle.close();
	channel.publication?.subscriptions.clear();
}

function failed(
	item: DataChannelRequest,
	error: { errorCode: string; errorDescription: string },
): DataChannelReply {
	const { location, dataChannelName, sessionId } = item;
	return { location, dataChannelName, ...(sessionId === undefined ? {} : { sessionId }), ...error };
}
