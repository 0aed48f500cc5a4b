import { type ReadonlySignal, type Signal, signal } from "@preact/signals";
import type { Participant } from "../../../protocol/call.ts";
import type { ParticipantID } from "../../../protocol/ids.ts";
import { type PersonQuality, UNKNOWN_PERSON_QUALITY, type VideoState } from "./call-types.ts";

/** Somebody else in the call, as pages show them. Made and fed by the engine; one object for as long as they are in the call. */
export class RemotePerson {
	readonly participantID: ParticipantID;
	readonly participant: ReadonlySignal<Participant>;
	/** The track to show now; it changes when the media takes another way. Null: nothing to show. */
	readonly cam: ReadonlySignal<MediaStreamTrack | null>;
	readonly screen: ReadonlySignal<MediaStreamTrack | null>;
	/** How loud they are, 0..1. */
	readonly level: ReadonlySignal<number>;
	readonly quality: ReadonlySignal<PersonQuality>;
	/** Of the camera. */
	readonly videoState: ReadonlySignal<VideoState>;
	readonly screenState: ReadonlySignal<VideoState>;

	constructor(parts: PersonParts) {
		this.participantID = parts.participant.value.participantID;
		this.participant = parts.participant;
		this.cam = parts.cam;
		this.screen = parts.screen;
		this.level = parts.level;
		this.quality = parts.quality;
		this.videoState = parts.videoState;
		this.screenState = parts.screenState;
	}
}

/** The writable half of a `RemotePerson`, kept by the engine. */
export interface PersonParts {
	participant: Signal<Participant>;
	cam: Signal<MediaStreamTrack | null>;
	screen: Signal<MediaStreamTrack | null>;
	level: Signal<number>;
	quality: Signal<PersonQuality>;
	videoState: Signal<VideoState>;
	screenState: Signal<VideoState>;
}

/** Signals of somebody of whom nothing has come yet. */
export function personParts(participant: Participant): PersonParts {
	return {
		participant: signal(participant),
		cam: signal(null),
		screen: signal(null),
		level: signal(0),
		quality: signal(UNKNOWN_PERSON_QUALITY),
		videoState: signal(participant.media.cam ? "waiting" : "off"),
		screenState: signal(participant.media.screen ? "waiting" : "off"),
	};
}
