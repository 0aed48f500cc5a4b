import type { Signal } from "@preact/signals";
import type { SignalClientMessage } from "../../../protocol/signal.ts";
import { sfuProblem } from "./call-problem.ts";
import type { CallProblem, CallQuality } from "./call-types.ts";
import type { MediaPaths } from "./media-paths.ts";
import type { PersonMedia } from "./person-media.ts";
import { QualityWatch } from "./quality-watch.ts";
import { Recovery } from "./recovery.ts";
import type { PulledTrack } from "./sfu-subscriber.ts";
import { SilenceWatch } from "./silence-watch.ts";
import { kindOf } from "./sources.ts";

export interface PathWatchParts {
	paths: MediaPaths;
	quality: Signal<CallQuality>;
	problem: Signal<CallProblem | null>;
	send: (message: SignalClientMessage) => void;
	/** Nothing comes from anybody: the network may be another one. */
	onSilence: () => void;
}

const RECOVER_EVERY_MS = 250;
const READ_EVERY_MS = 500;
/** A track at the SFU whose publisher sends and of which nothing comes is pulled anew, ms. */
const DEAD_MS = 4000;
/** Tracks that die again at once: then the whole connection is made anew. */
const DEATHS_TO_RENEW = 3;

/** Watches the paths of a call: numbers, moves to propose, tracks that died, a network that is gone, and what to tell the person. */
export class PathWatch {
	readonly #parts: PathWatchParts;
	readonly quality: QualityWatch;
	readonly #recovery: Recovery;
	readonly #silence = new SilenceWatch();
	#known = new Set<PersonMedia>();
	#recoveredAt = 0;
	#readAt = 0;
	#deaths = 0;
	#sfuProblem: CallProblem | null = null;

	constructor(parts: PathWatchParts) {
		this.#parts = parts;
		this.quality = new QualityWatch(parts.paths, parts.quality, parts.send);
		this.#recovery = new Recovery(parts.paths.edges);
	}

	/** To be called every tenth of a second. */
	tick(now: number, isHeard: boolean): void {
		if (now - this.#readAt >= READ_EVERY_MS) {
			this.#readAt = now;
			void this.quality.read();
		}
		if (now - this.#recoveredAt < RECOVER_EVERY_MS) return;
		this.#recoveredAt = now;
		this.#forgetThoseGone();
		for (const media of this.#parts.paths.all) this.#recover(media, now, isHeard);
		this.#replaceDead(now);
		if (this.#silence.observe(this.#lastHeard(now), now)) this.#parts.onSilence();
		this.#tell(isHeard);
	}

	/** Attempts at the SFU that failed in a row. */
	troubled(failures: { send: number; receive: number }): void {
		this.#sfuProblem = sfuProblem(failures);
	}

	#forgetThoseGone(): void {
		const present = new Set(this.#parts.paths.all);
		for (const media of this.#known) {
			if (!present.has(media)) this.#recovery.forget(media.person.participantID);
		}
		this.#known = present;
	}

	#recover(media: PersonMedia, now: number, isHeard: boolean): void {
		const { paths, send } = this.#parts;
		const { participantID } = media.person;
		const link = paths.links.get(participantID);
		const totals = this.quality.linkTotals(participantID) ?? { packets: 0, packetsLost: 0 };
		const mic = link?.receiver("mic") ?? null;
		const sendsSound = mic !== null && paths.flow.hasFlowed(mic);
		const isSent = (source: "cam" | "screen") =>
			media.participant.media[source] && paths.isWished(participantID, source);
		const proposals = this.#recovery.observe(participantID, {
			...totals,
			at: now,
			state: link?.state ?? "connecting",
			isMediaExpected:
				paths.edges.ways(participantID, "recv").includes("p2p") &&
				(sendsSound || isSent("cam") || isSent("screen")),
			isLinkGood: link?.isGood(now) ?? false,
			hasLink: link !== null,
			isOnline: isHeard && media.participant.connection === "online",
			hasSfu: !paths.isDirectOnly,
		});
		for (const proposal of proposals) send(proposal);
	}

	#replaceDead(now: number): void {
		const { subscriber, flow } = this.#parts.paths;
		for (const track of subscriber.all) {
			if (track.isStale || !this.#shouldFlow(track)) continue;
			if (flow.isFlowing(track.receiver)) this.#deaths = 0;
			if (Math.min(now - track.pulledAt, flow.silentMs(track.receiver)) < DEAD_MS) continue;
			this.#deaths += 1;
			if (this.#deaths % DEATHS_TO_RENEW === 0) subscriber.renew();
			else subscriber.replace(track);
			return;
		}
	}

	#shouldFlow({ participantID, source }: PulledTrack): boolean {
		const { audio, room } = this.#parts.paths;
		const owner = room.participants.get(participantID);
		if (owner === undefined || owner.connection !== "online") return false;
		if (kindOf(source) === "audio" && audio.isBlocked.value) return false;
		if (source === "mic") return true;
		return source === "cam" ? owner.media.cam : owner.media.screen;
	}

	/** When each who was heard or seen before was last heard or seen; those of whom nothing is expected are left out. */
	#lastHeard(now: number): number[] {
		const { paths } = this.#parts;
		const { flow } = paths;
		return paths.all
			.filter(({ participant }) => participant.connection === "online")
			.flatMap((media) => {
				const isSent = (source: "cam" | "screen") =>
					media.participant.media[source] && paths.isWished(media.person.participantID, source);
				const receivers = [
					paths.audio.isBlocked.value ? null : media.shown("mic"),
					isSent("cam") ? media.shown("cam") : null,
					isSent("screen") ? media.shown("screen") : null,
				];
				const known = receivers.filter((one) => one !== null).filter((one) => flow.hasFlowed(one));
				return known.length === 0 ? [] : [now - Math.min(...known.map((one) => flow.silentMs(one)))];
			});
	}

	#tell(isHeard: boolean): void {
		this.#parts.problem.value = this.#sfuProblem ?? this.#pathProblem(isHeard);
	}

	/** Somebody to whom there is no way at present. */
	#pathProblem(isHeard: boolean): CallProblem | null {
		if (!isHeard) return null;
		const { all, edges, links, flow } = this.#parts.paths;
		const cutOff = all.find((media) => {
			const { participantID } = media.person;
			if (media.participant.connection !== "online" || edges.goal(participantID, "recv") !== "p2p")
				return false;
			const state = links.get(participantID)?.state;
			const mic = media.shown("mic");
			return (state === "failed" || state === "disconnected") && (mic === null || !flow.isFlowing(mic));
		});
		if (cutOff === undefined) return null;
		const { participantID, displayName } = cutOff.participant;
		const text = `The way to ${displayName} is interrupted. We are looking for another one.`;
		return { code: "path", text, participantID };
	}
}
