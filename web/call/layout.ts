import type { ParticipantID } from "../../protocol/ids.ts";
import { fitGrid, placeGrid, type Region } from "./tile-grid.ts";

/** What a tile shows: somebody's camera (or their avatar), or their screen. */
export interface TileKey {
	participantID: ParticipantID;
	source: "cam" | "screen";
}

/** Somebody or something that wants a place on the stage. */
export interface Candidate extends TileKey {
	isSelf: boolean;
	hasVideo: boolean;
}

export type LayoutMode = "auto" | "grid" | "speaker";
/** Where one sees oneself. `auto`: floating in a conversation of two, a tile like all others from three on. */
export type SelfView = "auto" | "tile" | "floating" | "hidden";

export interface StageInput {
	/** CSS px. */
	width: number;
	height: number;
	/** In their stable order; oneself included. */
	candidates: readonly Candidate[];
	mode: LayoutMode;
	selfView: SelfView;
	pinned: TileKey | null;
	speakerID: ParticipantID | null;
	/** From 0; too large ones are the last page. */
	page: number;
	/** Share of the stage that the main picture has beside the filmstrip, 0..1. */
	split: number;
	/** Leaves out people without a picture. */
	isHidingNonVideo: boolean;
}

export interface PlacedTile extends TileKey, Region {
	role: "main" | "strip" | "grid";
}

export interface StageLayout {
	kind: "grid" | "focus";
	placed: readonly PlacedTile[];
	pages: number;
	page: number;
	/** Oneself in a corner, above the others. */
	isSelfFloating: boolean;
	/** The line between the main picture and the filmstrip; `at`: px from the left (`vertical`) or the top. */
	divider: { orientation: "vertical" | "horizontal"; at: number } | null;
}

export const GAP = 8;
export const SPLIT_RANGE = { least: 0.4, most: 0.88 } as const;
/** More people than this at once are a speaker and a filmstrip in `auto`: they would be smaller than a thumb. */
const MOST_IN_AUTO_GRID = { wide: 12, phone: 8 } as const;
/** CSS px. */
const PHONE_WIDTH = 600;

/** Where everything stands, and how large. What is not placed is not on screen. */
export function layoutStage(input: StageInput): StageLayout {
	const remotes = input.candidates.filter((each) => !each.isSelf);
	const self = input.candidates.find((each) => each.isSelf);
	const shown = input.isHidingNonVideo ? withPicture(remotes) : remotes;
	const place = selfPlace(input, shown);
	const tiles = self !== undefined && place === "tile" ? [...shown, self] : shown;
	const isSelfFloating = self !== undefined && place === "floating";
	const main = mainOf(input, tiles);
	if (main === null || tiles.length === 1) return { ...gridLayout(input, tiles), isSelfFloating };
	return { ...focusLayout(input, tiles, main), isSelfFloating };
}

export function isSameTile(a: TileKey | null, b: TileKey | null): boolean {
	return a !== null && b !== null && a.participantID === b.participantID && a.source === b.source;
}

function selfPlace(input: StageInput, remotes: readonly Candidate[]): "tile" | "floating" | "hidden" {
	// Nobody else is there: an empty stage would look broken.
	if (remotes.length === 0) return "tile";
	const isPinned = input.candidates.some((each) => each.isSelf && isSameTile(each, input.pinned));
	if (isPinned) return "tile";
	if (input.selfView !== "auto") return input.selfView;
	// Two faces: the other one has the stage. With a picture in front there is a filmstrip to stand in.
	return remotes.length === 1 ? "floating" : "tile";
}

/** Everybody has a name: when nobody has a picture, hiding all of them would hide the call. */
function withPicture(remotes: readonly Candidate[]): readonly Candidate[] {
	const seen = remotes.filter((each) => each.hasVideo);
	return seen.length === 0 ? remotes : seen;
}

/** What stands in front; null: all are equal. */
function mainOf(input: StageInput, tiles: readonly Candidate[]): Candidate | null {
	const pinned = tiles.find((each) => isSameTile(each, input.pinned));
	if (pinned !== undefined) return pinned;
	if (input.mode === "grid") return null;
	const screens = tiles.filter((each) => each.source === "screen");
	const screen = screens[screens.length - 1];
	if (screen !== undefined) return screen;
	const most = input.width < PHONE_WIDTH ? MOST_IN_AUTO_GRID.phone : MOST_IN_AUTO_GRID.wide;
	if (input.mode === "auto" && tiles.length <= most) return null;
	const others = tiles.filter((each) => !each.isSelf);
	return (
		others.find((each) => each.participantID === input.speakerID) ??
		others.find((each) => each.hasVideo) ??
		others[0] ??
		null
	);
}

type Arranged = Omit<StageLayout, "isSelfFloating">;

function gridLayout(input: StageInput, tiles: readonly Candidate[]): Arranged {
	const region = { x: 0, y: 0, width: input.width, height: input.height };
	const isPhone = input.width < PHONE_WIDTH;
	const fit = fitGrid({
		region,
		count: tiles.length,
		gap: GAP,
		least: leastTile(isPhone),
		most: isPhone ? 8 : 25,
		narrowest: narrowestOf(input),
	});
	const { page, pages, from } = pageOf(input.page, tiles.length, fit.perPage);
	const onPage = tiles.slice(from, from + fit.perPage);
	const regions = placeGrid(region, onPage.length, fit, GAP);
	return { kind: "grid", placed: join(onPage, regions, "grid"), pages, page, divider: null };
}

function focusLayout(input: StageInput, tiles: readonly Candidate[], main: Candidate): Arranged {
	const rest = tiles.filter((each) => each !== main);
	const isWide = input.width >= input.height;
	const split = Math.min(SPLIT_RANGE.most, Math.max(SPLIT_RANGE.least, input.split));
	const length = isWide ? input.width : input.height;
	const at = Math.round((length - GAP) * split);
	const stage = { x: 0, y: 0, width: input.width, height: input.height };
	const mainRegion = isWide ? { ...stage, width: at } : { ...stage, height: at };
	const stripRegion = isWide
		? { ...stage, x: at + GAP, width: input.width - at - GAP }
		: { ...stage, y: at + GAP, height: input.height - at - GAP };
	const least = { width: Math.min(stripRegion.width, 132), height: Math.min(stripRegion.height, 82) };
	const fit = fitGrid({
		region: stripRegion,
		count: rest.length,
		gap: GAP,
		least,
		most: 25,
		narrowest: narrowestOf(input),
	});
	const { page, pages, from } = pageOf(input.page, rest.length, fit.perPage);
	const onPage = rest.slice(from, from + fit.perPage);
	const regions = placeGrid(stripRegion, onPage.length, fit, GAP);
	return {
		kind: "focus",
		placed: [...join([main], [mainRegion], "main"), ...join(onPage, regions, "strip")],
		pages,
		page,
		divider: { orientation: isWide ? "vertical" : "horizontal", at: at + GAP / 2 },
	};
}

/** On a wide stage at most a quarter of the width is cut off; a phone held upright shows faces upright. */
function narrowestOf({ width, height }: StageInput): number {
	return width >= height ? 4 / 3 : 3 / 4;
}

function leastTile(isPhone: boolean): { width: number; height: number } {
	return isPhone ? { width: 150, height: 110 } : { width: 208, height: 117 };
}

function pageOf(
	wanted: number,
	count: number,
	perPage: number,
): { page: number; pages: number; from: number } {
	const pages = Math.max(1, Math.ceil(count / perPage));
	const page = Math.min(Math.max(0, wanted), pages - 1);
	return { page, pages, from: page * perPage };
}

function join(
	tiles: readonly Candidate[],
	regions: readonly Region[],
	role: PlacedTile["role"],
): PlacedTile[] {
	return tiles.flatMap(({ participantID, source }, index) => {
		const region = regions[index];
		return region === undefined ? [] : [{ participantID, source, role, ...region }];
	});
}
