import type { Signal } from "@preact/signals";
import type { ParticipantID } from "../../../protocol/ids.ts";
import type { EdgeReport, Route, SignalClientMessage } from "../../../protocol/signal.ts";
import type { CallQuality, PersonQuality } from "./call-types.ts";
import type { MediaPaths } from "./media-paths.ts";
import type { PersonMedia } from "./person-media.ts";
import { inboundRates, judge, layerOf, outboundKbps, routeOf, worstRoute } from "./quality-numbers.ts";
import { type ConnectionReading, readConnection } from "./stats-reading.ts";

/** Two readings of one connection in a row. */
interface Readings {
	before: ConnectionReading | null;
	after: ConnectionReading;
	elapsedMs: number;
	at: number;
}

/** Sums of a direct link, for `FailureDetector`. */
export interface LinkTotals {
	packets: number;
	packetsLost: number;
}

/** The room is told at most so often, ms. */
const REPORT_EVERY_MS = 5000;
/** Who should be heard or seen and is not, ms. */
const SILENT_MS = 3000;

/** Reads statistics once a second and makes numbers and verdicts of them: the call's, each person's, the room's. */
export class QualityWatch {
	readonly #paths: MediaPaths;
	readonly #quality: Signal<CallQuality>;
	readonly #send: (message: SignalClientMessage) => void;
	#readings = new Map<RTCPeerConnection, Readings>();
	#isReading = false;
	#reported = "";
	#reportedAt = Number.NEGATIVE_INFINITY;

	constructor(paths: MediaPaths, quality: Signal<CallQuality>, send: (message: SignalClientMessage) => void) {
		this.#paths = paths;
		this.#quality = quality;
		this.#send = send;
	}

	/** Null before the first reading. */
	linkTotals(peerID: ParticipantID): LinkTotals | null {
		const connection = this.#paths.links.get(peerID)?.connection;
		const reading = connection ? this.#readings.get(connection)?.after : undefined;
		if (reading === undefined) return null;
		return {
			packets: reading.inbound.reduce((sum, { packets }) => sum + packets, 0),
			packetsLost: reading.inbound.reduce((sum, { packetsLost }) => sum + packetsLost, 0),
		};
	}

	/** The reading of a connection, for tests and for the connection panel. */
	reading(connection: RTCPeerConnection): ConnectionReading | null {
		return this.#readings.get(connection)?.after ?? null;
	}

	/** Takes one reading of everything. One that is slow delays the next. */
	async read(): Promise<void> {
		if (this.#isReading) return;
		this.#isReading = true;
		try {
			const readings = await Promise.all(this.#connections().map((connection) => this.#readOne(connection)));
			this.#readings = new Map(readings);
			this.#judge(performance.now());
		} finally {
			this.#isReading = false;
		}
	}

	#connections(): RTCPeerConnection[] {
		const { links, publisher, subscriber } = this.#paths;
		const direct = links.all.map(({ connection }) => connection);
		return [...direct, publisher.connection, ...subscriber.connections].filter((one) => one !== null);
	}

	async #readOne(connection: RTCPeerConnection): Promise<[RTCPeerConnection, Readings]> {
		const report = await connection.getStats();
		const at = performance.now();
		const last = this.#readings.get(connection);
		const entries: [string, unknown][] = [];
		report.forEach((row: unknown, id: string) => {
			entries.push([id, row]);
		});
		return [
			connection,
			{
				before: last?.after ?? null,
				after: readConnection(entries),
				elapsedMs: last === undefined ? 0 : at - last.at,
				at,
			},
		];
	}

	#judge(now: number): void {
		const edges: EdgeReport[] = [];
		const states: string[] = [];
		for (const media of this.#paths.all) {
			const { quality, report } = this.#judgePerson(media);
			media.parts.quality.value = quality;
			edges.push(report);
			states.push(`${report.peerID} ${report.route} ${report.rid} ${quality.verdict}`);
		}
		this.#quality.value = this.#judgeAll();
		const state = states.join("\n");
		if (edges.length === 0 || state === this.#reported || now - this.#reportedAt < REPORT_EVERY_MS) return;
		this.#reported = state;
		this.#reportedAt = now;
		this.#send({ t: "stats", edges });
	}

	#judgePerson(media: PersonMedia): { quality: PersonQuality; report: EdgeReport } {
		const { participantID } = media.person;
		const { connection, mids, route } = this.#wayOf(media);
		const readings = connection ? this.#readings.get(connection) : undefined;
		const rates = inboundRates(
			readings?.before ?? null,
			readings?.after ?? { inbound: [], outbound: [], path: null, lostUpShare: 0, reportedRoundTripMs: null },
			readings?.elapsedMs ?? 0,
			mids,
		);
		const roundTripMs = readings?.after.path?.roundTripMs ?? null;
		const verdict = judge({ ...rates, roundTripMs, isSilent: this.#isSilent(media) });
		const rids =
			this.#paths.room.tracks.get(participantID)?.find(({ source }) => source === "cam")?.rids ?? [];
		const { lossPercent, height, fps } = rates;
		return {
			quality: { verdict, route, recvKbps: rates.kbps, rttMs: roundTripMs, lossPercent, height, fps },
			report: {
				peerID: participantID,
				direction: "recv",
				route,
				rid: route === "sfu" ? layerOf(rids, height) : null,
				kbps: Math.min(1_000_000, rates.kbps),
				rttMs: roundTripMs,
				lossPercent,
			},
		};
	}

	/** Where what is shown of this person comes from: sound decides while there is no picture. */
	#wayOf(media: PersonMedia): {
		connection: RTCPeerConnection | null;
		mids: ReadonlySet<string> | null;
		route: Route;
	} {
		const { participantID } = media.person;
		const shown = media.shown("cam") ?? media.shown("mic");
		const pulled = this.#paths.subscriber.all.filter((one) => one.participantID === participantID);
		const relayed = pulled.find(({ receiver }) => receiver === shown);
		if (relayed !== undefined) {
			const mids = pulled.filter(({ session }) => session === relayed.session).map(({ mid }) => mid);
			return { connection: relayed.session.peer, mids: new Set(mids), route: "sfu" };
		}
		const connection = this.#paths.links.get(participantID)?.connection ?? null;
		const reading = connection && this.#readings.get(connection)?.after;
		return { connection, mids: null, route: reading ? routeOf(reading.path) : "unknown" };
	}

	/** A muted microphone sends packets too: whoever is online and was heard or is on screen should be there. */
	#isSilent(media: PersonMedia): boolean {
		const { participant, person } = media;
		if (participant.connection !== "online") return true;
		const { flow } = this.#paths;
		const isSeen = participant.media.cam && this.#paths.isWished(person.participantID, "cam");
		const expected = [media.shown("mic"), isSeen ? media.shown("cam") : null]
			.filter((receiver) => receiver !== null)
			.filter((receiver) => flow.hasFlowed(receiver));
		return expected.length > 0 && expected.every((receiver) => flow.silentMs(receiver) > SILENT_MS);
	}

	#judgeAll(): CallQuality {
		const all = [...this.#readings.values()];
		const people = this.#paths.all.map(({ parts }) => parts.quality.value);
		const inbound = all.map(({ before, after, elapsedMs }) => inboundRates(before, after, elapsedMs, null));
		const roundTrips = all
			.map(({ after }) => after.path?.roundTripMs ?? null)
			.filter((value) => value !== null);
		const packets = inbound.reduce((sum, rates) => sum + rates.packets, 0);
		const lost = inbound.reduce((sum, rates) => sum + rates.packets * rates.lossPercent, 0);
		const rttMs = roundTrips.length === 0 ? null : Math.max(...roundTrips);
		const jitterMs = Math.max(0, ...inbound.map((rates) => rates.jitterMs));
		const upLossPercent = 100 * Math.max(0, ...all.map(({ after }) => after.lostUpShare));
		const lossPercent = Math.max(packets === 0 ? 0 : lost / packets, upLossPercent);
		const own = judge({ lossPercent, roundTripMs: rttMs, jitterMs, isSilent: false });
		const isAllLost = people.length > 0 && people.every(({ verdict }) => verdict === "lost");
		return {
			verdict: isAllLost ? "lost" : own,
			upKbps: all.reduce(
				(sum, { before, after, elapsedMs }) => sum + outboundKbps(before, after, elapsedMs),
				0,
			),
			downKbps: inbound.reduce((sum, rates) => sum + rates.kbps, 0),
			rttMs,
			jitterMs: all.length === 0 ? null : jitterMs,
			lossPercent,
			route: worstRoute(people.map(({ route }) => route)),
		};
	}
}
