import type { CallCodec, Source } from "../../../protocol/call.ts";
import type { CallMedia } from "./call-media.ts";
import { limitDirect, type PictureLimits } from "./layer-ladder.ts";
import type { VideoWish } from "./link-connection.ts";
import type { SenderLimits } from "./sender-settings.ts";
import { kindOf, type SourceTracks } from "./sources.ts";

/** What of this person's devices is sent now. Without a codec that all share there is sound only. */
export function tracksToSend(media: CallMedia, videoCodec: CallCodec | null): SourceTracks {
	const all: [Source, MediaStreamTrack | null][] = [
		["mic", media.mic.value],
		["cam", media.isCamOn.value ? media.cam.value : null],
		["screen", media.screen.value],
		["screen-audio", media.screen.value === null ? null : media.screenAudio.value],
	];
	const tracks = new Map<Source, MediaStreamTrack>();
	for (const [source, track] of all) {
		if (track === null || track.readyState === "ended") continue;
		if (kindOf(source) === "video" && videoCodec === null) continue;
		// Text on a screen has to be sharp rather than smooth.
		if (source === "screen" && track.contentHint === "") track.contentHint = "detail";
		tracks.set(source, track);
	}
	return tracks;
}

/** What the roster says of us. */
export function mediaState(media: CallMedia): { mic: boolean; cam: boolean; screen: boolean } {
	return {
		mic: media.mic.value !== null && media.isMicOn.value,
		cam: media.cam.value !== null && media.isCamOn.value,
		screen: media.screen.value !== null,
	};
}

/** Encoder limits of one of `links` direct links that carry these tracks to somebody who shows them as large as `wish` says. */
export function limitsOfLink(
	tracks: SourceTracks,
	picture: PictureLimits,
	{ links, uplinkKbps, wish }: { links: number; uplinkKbps: number | null; wish: VideoWish | null },
): ReadonlyMap<Source, SenderLimits> {
	const videos = [...tracks].filter(([source]) => kindOf(source) === "video");
	const shares = Math.max(1, links * videos.length);
	return new Map(
		videos.map(([source, track]): [Source, SenderLimits] => {
			const { height = 360 } = track.getSettings();
			const wishedHeight = wish && (source === "cam" ? wish.cam : wish.screen);
			return [source, new Map([["", limitDirect(height, picture, { uplinkKbps, shares, wishedHeight })]])];
		}),
	);
}

/** Without the videos that are not on the other end's screen. */
export function tracksOnScreen(tracks: SourceTracks, wish: VideoWish | null): SourceTracks {
	if (wish === null) return tracks;
	const isHidden = (source: Source) =>
		(source === "cam" && wish.cam === 0) || (source === "screen" && wish.screen === 0);
	return new Map([...tracks].filter(([source]) => !isHidden(source)));
}
