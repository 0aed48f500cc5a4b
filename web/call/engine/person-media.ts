import { batch } from "@preact/signals";
import type { Participant, Source } from "../../../protocol/call.ts";
import type { Via } from "../../../protocol/signal.ts";
import type { AudioOutput } from "./audio-output.ts";
import type { VideoState } from "./call-types.ts";
import { type Candidate, chooseCandidate } from "./candidate-choice.ts";
import type { FlowMeter } from "./flow-meter.ts";
import type { PeerLink } from "./peer-link.ts";
import { type PersonParts, personParts, RemotePerson } from "./remote-person.ts";
import type { SfuSubscriber } from "./sfu-subscriber.ts";
import { kindOf, SOURCES } from "./sources.ts";

export interface PersonContext {
	link: PeerLink | null;
	subscriber: SfuSubscriber;
	flow: FlowMeter;
	audio: AudioOutput;
	/** Where the edge from this person to us is, or is moving to. */
	goal: Via;
	/** Videos that are on screen. */
	isWished: (source: Source) => boolean;
	/** People in the call: the more, the less often each is looked at. */
	crowd: number;
	now: number;
}

interface ReceiverCandidate extends Candidate {
	key: RTCRtpReceiver;
}

/** How often receivers are looked at, ms. Voices for their levels. */
const LOOK_MS = { urgent: 90, voice: 180, steady: 450 } as const;

/** Nothing new for this long: the picture stands, ms. */
const STANDS_MS = 3000;

/** What comes in from one person by whichever way, and which of it is shown and heard. */
export class PersonMedia {
	readonly person: RemotePerson;
	readonly parts: PersonParts;
	readonly #shown = new Map<Source, RTCRtpReceiver>();
	#goal: Via | null = null;

	constructor(participant: Participant) {
		this.parts = personParts(participant);
		this.person = new RemotePerson(this.parts);
	}

	get participant(): Participant {
		return this.parts.participant.value;
	}

	/** What is shown or heard of a source now. */
	shown(source: Source): RTCRtpReceiver | null {
		return this.#shown.get(source) ?? null;
	}

	/** Looks at everything that comes in, and shows and plays the best of it. Returns the sounds that have to be kept. */
	update(context: PersonContext): MediaStreamTrack[] {
		const sounds: MediaStreamTrack[] = [];
		for (const source of SOURCES) {
			const candidates = candidatesOf(this.person.participantID, source, context);
			for (const { key } of this.#isOn(source) ? candidates : [])
				context.flow.look(key, context.now, this.#lookEveryMs(source, key, context));
			const rated = candidates.map((one) => ({
				...one,
				isFlowing: context.flow.isFlowing(one.key),
			}));
			const chosen = chooseCandidate(rated, context.goal, this.#shown.get(source) ?? null);
			if (chosen === null) this.#shown.delete(source);
			else this.#shown.set(source, chosen.key);
			if (kindOf(source) === "audio") sounds.push(...this.#play(source, candidates, context));
		}
		this.#goal = context.goal;
		batch(() => this.#show(context));
		return sounds;
	}

	/** Everything that the person is known to send comes in by this way. */
	isFlowingVia(via: Via, sources: readonly Source[], { link, subscriber, flow }: PersonContext): boolean {
		return sources.every((source) => {
			const receivers =
				via === "p2p"
					? [link?.receiver(source) ?? null]
					: subscriber.pulled(this.person.participantID, source).map(({ receiver }) => receiver);
			return receivers.some((receiver) => receiver !== null && flow.isFlowing(receiver));
		});
	}

	/** By the roster; a muted microphone sends too. */
	#isOn(source: Source): boolean {
		const { cam, screen } = this.participant.media;
		return source === "mic" || (source === "cam" ? cam : screen);
	}

	/** Something that is about to be shown is looked at often; what is as it should be, now and then. */
	#lookEveryMs(source: Source, receiver: RTCRtpReceiver, { flow, goal, crowd }: PersonContext): number {
		const isSettled = this.#shown.get(source) === receiver && flow.isFlowing(receiver) && this.#goal === goal;
		if (!isSettled) return LOOK_MS.urgent;
		return source === "mic"
			? Math.min(LOOK_MS.steady, LOOK_MS.voice * Math.max(1, crowd / 8))
			: LOOK_MS.steady;
	}

	/** Sounds that are ready to play, and whether they may be heard: never of somebody who is muted. */
	#play(
		source: Source,
		candidates: readonly ReceiverCandidate[],
		{ audio }: PersonContext,
	): MediaStreamTrack[] {
		const { media } = this.participant;
		const mayBeHeard = source === "mic" ? media.mic : media.screen;
		const shown = this.#shown.get(source);
		return candidates.map(({ key }) => {
			audio.add(key.track);
			audio.setAudible(key.track, mayBeHeard && key === shown);
			return key.track;
		});
	}

	#show({ flow, isWished, subscriber }: PersonContext): void {
		const { media } = this.participant;
		const { parts } = this;
		for (const [source, isOn, track, state] of [
			["cam", media.cam, parts.cam, parts.videoState],
			["screen", media.screen, parts.screen, parts.screenState],
		] as const) {
			const receiver = this.#shown.get(source) ?? null;
			const hasPicture = isOn && receiver !== null && flow.hasFlowed(receiver);
			track.value = hasPicture ? receiver.track : null;
			state.value = videoState({
				isOn,
				isWished: isWished(source),
				silentMs: receiver === null ? Number.POSITIVE_INFINITY : flow.silentMs(receiver),
				hasFailed: subscriber.hasGivenUp(this.person.participantID, source),
			});
		}
		const mic = this.#shown.get("mic");
		parts.level.value = mic === undefined || !media.mic ? 0 : flow.level(mic);
	}
}

function candidatesOf(
	participantID: RemotePerson["participantID"],
	source: Source,
	{ link, subscriber }: PersonContext,
): ReceiverCandidate[] {
	const relayed = subscriber
		.pulled(participantID, source)
		.map(({ receiver }): ReceiverCandidate => ({ key: receiver, via: "sfu", isFlowing: false }));
	const direct = link?.receiver(source) ?? null;
	return direct === null ? relayed : [...relayed, { key: direct, via: "p2p", isFlowing: false }];
}

function videoState({
	isOn,
	isWished,
	silentMs,
	hasFailed,
}: {
	isOn: boolean;
	isWished: boolean;
	silentMs: number;
	hasFailed: boolean;
}): VideoState {
	if (!isOn) return "off";
	if (silentMs < STANDS_MS) return "flowing";
	if (!isWished) return "paused";
	return hasFailed ? "failed" : "waiting";
}
