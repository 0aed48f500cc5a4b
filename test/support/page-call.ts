import {
	type CallCodec,
	createCall,
	joinCall,
	type Source,
	type TopologyChoice,
} from "../../protocol/call.ts";
import { CallReference } from "../../protocol/ids.ts";
import { CallSession } from "../../web/call/engine/call-session.ts";
import type { RemotePerson } from "../../web/call/engine/remote-person.ts";
import { call, setTokenSource } from "../../web/shell/api.ts";
import { PageMedia, type Picture } from "./page-call-media.ts";
import { type Gaps, Senses } from "./page-call-senses.ts";

/** Runs in a browser page: `window.calls`, several people with the product's own call engine. `call-page.ts` is its remote control. */

export interface JoinOptions {
	token: string;
	/** `ca_…` or the join code. */
	callID: string;
	name: string;
	picture?: Picture;
	cam?: boolean;
	mic?: boolean;
	uplinkKbps?: number;
	maxHeight?: number;
	/** Codecs of pictures that this person's browser is to be taken to have. */
	codecs?: readonly CallCodec[];
}

/** Times of sound and picture of everybody as one person has them. */
export type GapReport = Record<string, Gaps>;

class PageCaller {
	readonly name: string;
	readonly media: PageMedia;
	readonly session: CallSession;
	readonly senses = new Map<RemotePerson, Senses>();
	readonly #stop: () => void;

	constructor(name: string, media: PageMedia, session: CallSession) {
		this.name = name;
		this.media = media;
		this.session = session;
		this.#stop = session.people.subscribe((people) => this.#meet(people));
	}

	leave(): void {
		this.#stop();
		for (const senses of this.senses.values()) senses.stop();
		this.session.dispose();
		this.media.stop();
	}

	#meet(people: readonly RemotePerson[]): void {
		for (const [person, senses] of this.senses) {
			if (people.includes(person)) continue;
			senses.stop();
			this.senses.delete(person);
		}
		for (const person of people) {
			if (this.senses.has(person)) continue;
			const senses = new Senses(this.session, person);
			this.senses.set(person, senses);
			void senses.listen();
		}
	}
}

class PageCalls {
	readonly callers = new Map<string, PageCaller>();
	isDirectBlocked = false;
	/** Sockets of the page, so that a test can cut them. */
	readonly sockets: WebSocket[] = [];

	async create(token: string, topology: TopologyChoice = "auto") {
		const body = { kind: "video" as const, access: "link" as const, topology };
		const { callID, code } = await apiOf(token)(createCall, { body });
		return { callID, code };
	}

	async join(options: JoinOptions): Promise<string> {
		const { token, name, uplinkKbps, maxHeight, codecs } = options;
		const api = apiOf(token);
		const media = new PageMedia(
			options.picture ?? { width: 160, height: 90, fps: 10 },
			this.callers.size * 47,
			{
				...(uplinkKbps === undefined ? {} : { uplinkKbps }),
				...(maxHeight === undefined ? {} : { maxHeight }),
				...(codecs === undefined ? {} : { sendCodecs: [...codecs, "opus"], recvCodecs: [...codecs, "opus"] }),
			},
		);
		if (options.mic ?? true) media.setMic(true);
		if (options.cam ?? true) media.setCam(true);
		const capabilities = await media.capabilities();
		const params = { callID: CallReference.parse(options.callID) };
		const joined = await api(joinCall, { params, body: { displayName: name, capabilities } });
		const session = new CallSession({ joined, displayName: name, media, api });
		this.callers.set(name, new PageCaller(name, media, session));
		return joined.participantID;
	}

	get(name: string): PageCaller {
		const caller = this.callers.get(name);
		if (caller === undefined) throw new Error(`no ${name}`);
		return caller;
	}

	leave(name: string): void {
		this.get(name).leave();
		this.callers.delete(name);
	}

	/** What `name` has of everybody: who is seen and heard, by which way. */
	state(name: string) {
		const { session } = this.get(name);
		const paths = session.presence?.paths;
		return {
			phase: session.phase.value.name,
			problem: session.problem.value?.code ?? null,
			quality: session.quality.value,
			topology: session.config.value?.topology ?? null,
			people: session.people.value.map((person) => {
				const { participantID } = person;
				return {
					name: person.participant.value.displayName,
					participantID,
					connection: person.participant.value.connection,
					media: person.participant.value.media,
					videoState: person.videoState.value,
					hasCam: person.cam.value !== null,
					hasScreen: person.screen.value !== null,
					level: person.level.value,
					quality: person.quality.value,
					send: paths?.edges.get(participantID, "send") ?? null,
					recv: paths?.edges.get(participantID, "recv") ?? null,
					link: paths?.links.get(participantID)?.state ?? null,
				};
			}),
		};
	}

	resetGaps(): void {
		for (const { senses } of this.callers.values()) for (const one of senses.values()) one.reset();
	}

	/** By viewer, then by who is viewed. */
	async gaps(): Promise<Record<string, GapReport>> {
		const all: Record<string, GapReport> = {};
		for (const [name, caller] of this.callers) {
			const report: GapReport = {};
			for (const [person, senses] of caller.senses) {
				report[person.participant.value.displayName] = await senses.gaps();
			}
			all[name] = report;
		}
		return all;
	}

	/** Pixels of `of` as `name` sees them. */
	async picture(name: string, of: string): Promise<number[] | null> {
		for (const [person, senses] of this.get(name).senses) {
			if (person.participant.value.displayName === of) return await senses.picture();
		}
		return null;
	}

	/** Ends a pulled track at the SFU behind the engine's back. */
	async killTrack(name: string, of: string, source: Source): Promise<void> {
		const { session } = this.get(name);
		const person = session.people.value.find((one) => one.participant.value.displayName === of);
		const track = person && session.presence?.paths?.subscriber.pulled(person.participantID, source)[0];
		if (track === undefined) throw new Error(`${name} pulls no ${source} of ${of}`);
		await track.session.closeTracks([track.mid]);
	}

	/** While true no direct link of this page can come about: nobody learns where the other is. */
	blockDirect(isBlocked: boolean): void {
		this.isDirectBlocked = isBlocked;
	}

	/** Cuts every open signaling socket as a lost network does: without a farewell of ours. */
	dropSockets(): number {
		const open = this.sockets.filter((socket) => socket.readyState === WebSocket.OPEN);
		for (const socket of open) socket.close(4000, "cut by the test");
		return open.length;
	}

	/** A description of one person's connections from getStats. */
	async inbound(name: string, of: string) {
		const { session } = this.get(name);
		const person = session.people.value.find((one) => one.participant.value.displayName === of);
		const paths = session.presence?.paths;
		if (person === undefined || paths == null) return [];
		const { participantID } = person;
		const pulled = (["mic", "cam", "screen", "screen-audio"] as const).flatMap((source) =>
			paths.subscriber
				.pulled(participantID, source)
				.map(({ receiver }) => ({ source, via: "sfu", receiver })),
		);
		const link = paths.links.get(participantID);
		const direct = (["mic", "cam", "screen", "screen-audio"] as const).flatMap((source) => {
			const receiver = link?.receiver(source) ?? null;
			return receiver === null ? [] : [{ source, via: "p2p", receiver }];
		});
		return await Promise.all(
			[...pulled, ...direct].map(async ({ source, via, receiver }) => {
				const rows: Record<string, unknown>[] = [];
				const report = await receiver.getStats();
				report.forEach((row: Record<string, unknown>) => {
					if (row.type === "inbound-rtp") rows.push(row);
				});
				const number = (key: string) => Number(rows[0]?.[key] ?? 0);
				return {
					source,
					via,
					bytes: number("bytesReceived"),
					packets: number("packetsReceived"),
					framesDecoded: number("framesDecoded"),
					height: number("frameHeight"),
					energy: number("totalAudioEnergy"),
					codec: String(report.get(String(rows[0]?.codecId))?.mimeType ?? ""),
					concealedMs: number("concealedSamples") / 48,
				};
			}),
		);
	}
}

declare global {
	interface Window {
		calls: PageCalls;
	}
}

const calls = new PageCalls();
window.calls = calls;

const addCandidate = RTCPeerConnection.prototype.addIceCandidate;
/** Candidates come by themselves only between people: the SFU's stand in its descriptions. */
RTCPeerConnection.prototype.addIceCandidate = function (...candidate: unknown[]): Promise<void> {
	return calls.isDirectBlocked ? Promise.resolve() : Reflect.apply(addCandidate, this, candidate);
};

const NativeSocket = window.WebSocket;
window.WebSocket = class extends NativeSocket {
	constructor(url: string | URL, protocols?: string | string[]) {
		super(url, protocols);
		calls.sockets.push(this);
	}
};

/** The product's own `call`, in the name of whoever has this token. */
function apiOf(token: string): typeof call {
	const source = { current: () => Promise.resolve(token), replace: () => Promise.resolve(null) };
	return (endpoint, input, options) => {
		setTokenSource(source);
		return call(endpoint, input, options);
	};
}
