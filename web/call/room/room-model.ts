import { batch, computed, effect, type ReadonlySignal, signal } from "@preact/signals";
import type { ParticipantID } from "../../../protocol/ids.ts";
import { recall, remember } from "../../shell/settings.ts";
import type { LocalMedia } from "../devices/local-media.ts";
import type { CallSession } from "../engine/call-session.ts";
import type { CallChatLine } from "../engine/call-types.ts";
import type { RemotePerson } from "../engine/remote-person.ts";
import {
	type Candidate,
	isSameTile,
	type LayoutMode,
	layoutStage,
	type SelfView,
	type StageLayout,
	type TileKey,
} from "../layout.ts";
import { EMPTY_SEATING, promote, type Seating, seat } from "../seating.ts";
import { wishesOf } from "../wishes.ts";
import { RungList } from "./rung-list.ts";

export type PanelName = "chat" | "people" | "quality" | "invite";

const KEYS = {
	mode: "rostrum.call.layout",
	self: "rostrum.call.self-view",
	mirror: "rostrum.call.mirror",
	split: "rostrum.call.split",
} as const;
const MODES: readonly LayoutMode[] = ["auto", "grid", "speaker"];
const SELF_VIEWS: readonly SelfView[] = ["auto", "tile", "floating", "hidden"];
const DEFAULT_SPLITS = { wide: 0.78, tall: 0.62 } as const;

/** How this person looks at the call: what stands where, what is open. The call itself is the engine's. */
export class RoomModel {
	readonly call: CallSession;
	readonly media: LocalMedia;
	readonly rung: RungList;
	readonly panel = signal<PanelName | null>(null);
	readonly mode = signal<LayoutMode>(MODES.find((mode) => mode === recall(KEYS.mode)) ?? "auto");
	readonly selfView = signal<SelfView>(SELF_VIEWS.find((view) => view === recall(KEYS.self)) ?? "auto");
	readonly isMirrored = signal(recall(KEYS.mirror) !== "off");
	readonly isHidingNonVideo = signal(false);
	/** Data saver: no pictures come in and none goes out. */
	readonly isAudioOnly = signal(false);
	readonly pinned = signal<TileKey | null>(null);
	readonly page = signal(0);
	/** Share of the main picture, beside the filmstrip (`wide`) or above it (`tall`). */
	readonly splits = signal({ wide: readSplit("wide"), tall: readSplit("tall") });
	/** Of the stage, CSS px. */
	readonly size = signal({ width: 0, height: 0 });
	readonly seated: ReadonlySignal<readonly RemotePerson[]>;
	readonly layout: ReadonlySignal<StageLayout>;
	/** Lines of the chat that came while it was not open. */
	readonly unread: ReadonlySignal<number>;
	/** Everybody whose hand is up, the first one first. */
	readonly hands: ReadonlySignal<readonly ParticipantID[]>;
	readonly isHost: ReadonlySignal<boolean>;

	readonly #seating = signal<Seating>(EMPTY_SEATING);
	/** When the newest line that was read was sent. Server times of one form compare as text. */
	readonly #readUpTo = signal("");
	readonly #stops: (() => void)[] = [];
	#camBeforeSaving = false;

	constructor(call: CallSession, media: LocalMedia) {
		this.call = call;
		this.media = media;
		this.rung = new RungList(call);
		this.seated = computed(() => this.#seated());
		this.layout = computed(() => this.#layout());
		this.unread = computed(
			() => this.#linesOfOthers().filter((line) => line.sentAt > this.#readUpTo.value).length,
		);
		this.hands = computed(() => this.#hands());
		this.isHost = computed(() => {
			const role = call.self.value?.role;
			return role === "host" || role === "cohost";
		});
		this.#stops.push(
			effect(() => {
				const present = call.people.value.map((person) => person.participantID);
				this.#seating.value = seat(this.#seating.peek(), present);
			}),
			effect(() => {
				const speakerID = call.speakerID.value;
				if (speakerID !== null && this.page.peek() === 0) this.#bringForward(speakerID);
			}),
			effect(() => this.#wish()),
			effect(() => {
				const lines = this.#linesOfOthers();
				if (this.panel.value === "chat") this.#readUpTo.value = lines[lines.length - 1]?.sentAt ?? "";
			}),
		);
	}

	dispose(): void {
		for (const stop of this.#stops) stop();
		this.rung.dispose();
	}

	togglePanel(name: PanelName): void {
		this.panel.value = this.panel.value === name ? null : name;
	}

	setMode(mode: LayoutMode): void {
		batch(() => {
			this.mode.value = mode;
			this.pinned.value = null;
			this.page.value = 0;
		});
		remember(KEYS.mode, mode);
	}

	/** Auto, grid, speaker, and round again. */
	nextMode(): void {
		const at = MODES.indexOf(this.mode.value);
		this.setMode(MODES[(at + 1) % MODES.length] ?? "auto");
	}

	setSelfView(view: SelfView): void {
		this.selfView.value = view;
		remember(KEYS.self, view);
	}

	setMirrored(isMirrored: boolean): void {
		this.isMirrored.value = isMirrored;
		remember(KEYS.mirror, isMirrored ? "on" : "off");
	}

	/** The share that counts on the stage as it is. */
	get split(): number {
		return this.splits.value[this.#shape];
	}

	setSplit(split: number): void {
		const shape = this.#shape;
		this.splits.value = { ...this.splits.value, [shape]: split };
		remember(`${KEYS.split}.${shape}`, split.toFixed(3));
	}

	/** Puts a tile in front for oneself, or back. */
	togglePin(tile: TileKey): void {
		this.pinned.value = isSameTile(this.pinned.value, tile) ? null : { ...tile };
		this.page.value = 0;
	}

	/** The n-th of the people, from 1, in front; 0 lets go. */
	focusNumber(number: number): void {
		const person = this.seated.value[number - 1];
		if (number === 0) this.pinned.value = null;
		else if (person !== undefined) this.togglePin({ participantID: person.participantID, source: "cam" });
	}

	turnPage(by: number): void {
		const { page, pages } = this.layout.value;
		this.page.value = Math.min(pages - 1, Math.max(0, page + by));
	}

	/** Switches the data saver; the camera comes back as it was. */
	async setAudioOnly(isOn: boolean): Promise<void> {
		this.isAudioOnly.value = isOn;
		if (isOn) this.#camBeforeSaving = this.media.isCamOn.value;
		if (isOn) await this.media.setCam(false);
		else if (this.#camBeforeSaving) await this.media.setCam(true);
	}

	person(participantID: ParticipantID): RemotePerson | undefined {
		return this.call.people.value.find((person) => person.participantID === participantID);
	}

	get #shape(): "wide" | "tall" {
		const { width, height } = this.size.value;
		return width >= height ? "wide" : "tall";
	}

	#seated(): readonly RemotePerson[] {
		const people = new Map(this.call.people.value.map((person) => [person.participantID, person]));
		return this.#seating.value.order.flatMap((id) => people.get(id) ?? []);
	}

	#layout(): StageLayout {
		return layoutStage({
			...this.size.value,
			candidates: this.#candidates(),
			mode: this.mode.value,
			selfView: this.selfView.value,
			pinned: this.pinned.value,
			speakerID: this.call.speakerID.value,
			page: this.page.value,
			split: this.split,
			isHidingNonVideo: this.isHidingNonVideo.value,
		});
	}

	#candidates(): Candidate[] {
		const people = this.seated.value.map((person) => person.participant.value);
		const cams = people.map(
			({ participantID, media }): Candidate => ({
				participantID,
				source: "cam",
				isSelf: false,
				hasVideo: media.cam,
			}),
		);
		const screens = people
			.filter(({ media }) => media.screen)
			.map(
				({ participantID }): Candidate => ({
					participantID,
					source: "screen",
					isSelf: false,
					hasVideo: true,
				}),
			);
		const self = this.call.self.value;
		if (self === null) return [...cams, ...screens];
		const { participantID } = self;
		const own: Candidate = {
			participantID,
			source: "cam",
			isSelf: true,
			hasVideo: this.media.isCamOn.value,
		};
		return [...cams, ...screens, own];
	}

	#bringForward(speakerID: ParticipantID): void {
		if (this.call.self.peek()?.participantID === speakerID) return;
		const ownID = this.call.self.peek()?.participantID;
		const visible = this.layout
			.peek()
			.placed.filter((tile) => tile.source === "cam" && tile.participantID !== ownID && tile.role !== "main");
		this.#seating.value = promote(this.#seating.peek(), {
			speakerID,
			visible: visible.length,
			now: Date.now(),
		});
	}

	#wish(): void {
		if (this.size.value.width === 0) return;
		this.call.setWishes(
			wishesOf(this.layout.value, {
				remoteIDs: this.call.people.value.map((person) => person.participantID),
				speakerID: this.call.speakerID.value,
				pixelRatio: Math.min(2, window.devicePixelRatio),
				isAudioOnly: this.isAudioOnly.value,
			}),
		);
	}

	#hands(): readonly ParticipantID[] {
		const self = this.call.self.value;
		return [
			...this.call.people.value.map((person) => person.participant.value),
			...(self === null ? [] : [self]),
		]
			.filter((person) => person.handRaisedAt !== null)
			.sort((a, b) => Date.parse(a.handRaisedAt ?? "") - Date.parse(b.handRaisedAt ?? ""))
			.map((person) => person.participantID);
	}

	#linesOfOthers(): readonly CallChatLine[] {
		const ownID = this.call.self.value?.participantID;
		return this.call.chat.value.filter((line) => line.participantID !== ownID);
	}
}

function readSplit(shape: "wide" | "tall"): number {
	const kept = Number(recall(`${KEYS.split}.${shape}`));
	return kept > 0 && kept < 1 ? kept : DEFAULT_SPLITS[shape];
}
