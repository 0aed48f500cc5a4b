import { computed, signal } from "@preact/signals";
import type {
	CaptionChoice,
	EngineSample,
	PlayerMode,
	PlayerSource,
	PlayerState,
	Quality,
} from "./source.ts";

const NOTHING: EngineSample = {
	protocol: "",
	latencyMs: null,
	behindMs: 0,
	isBehind: false,
	bitrateBps: null,
	videoCodec: null,
	audioCodec: null,
	framesPerSecond: null,
	roundTripMs: null,
	lossPercent: null,
};

/** What the player knows about itself; its own controls and the page around it draw from this. */
export class PlayerModel {
	readonly source = signal<PlayerSource | null>(null);
	readonly mode = signal<PlayerMode>("low");
	readonly state = signal<PlayerState>("idle");
	readonly sample = signal<EngineSample>(NOTHING);
	readonly qualities = signal<readonly Quality[]>([]);
	/** -1 = automatically. */
	readonly quality = signal(-1);
	/** Height of the picture on screen, px; 0 before the first. */
	readonly height = signal(0);
	/** The browser let the picture start, but without sound. */
	readonly isMutedByBrowser = signal(false);
	/** There is enough to go back to. */
	readonly canSeek = signal(false);
	readonly isStatsOpen = signal(false);
	readonly isTheatre = signal(false);
	/** Something people should know, for a few seconds; `id` tells two equal texts apart. */
	readonly notice = signal<{ id: number; text: string } | null>(null);
	readonly failure = signal<unknown>(null);
	/** Speed of recordings. */
	readonly rate = signal(1);
	readonly captions = signal<readonly CaptionChoice[]>([]);
	/** Language of the captions that are shown; null: none are. */
	readonly caption = signal<string | null>(null);
	/** The lines of text to show now. */
	readonly cues = signal<readonly string[]>([]);

	readonly isLive = computed(() => this.mode.value !== "recording" && this.source.value !== null);
	readonly isBehind = computed(() => this.isLive.value && this.sample.value.isBehind);

	/** Back to nothing, before another source. */
	reset(): void {
		this.sample.value = NOTHING;
		this.qualities.value = [];
		this.quality.value = -1;
		this.canSeek.value = false;
		this.failure.value = null;
		this.notice.value = null;
	}

	/** Says something for a few seconds. */
	say(text: string): void {
		this.notice.value = { id: (this.notice.value?.id ?? 0) + 1, text };
	}
}
