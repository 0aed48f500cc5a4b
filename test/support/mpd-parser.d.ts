/** The part of mpd-parser that the tests look at; it ships no types. */
declare module "mpd-parser" {
	export interface ParsedSegment {
		number: number;
		duration: number;
		/** Seconds. */
		presentationTime: number;
		resolvedUri: string;
		map: { resolvedUri: string };
	}
	export function parse(
		manifest: string,
		options: { manifestUri: string },
	): {
		duration: number;
		playlists: { attributes: Record<string, unknown>; segments: ParsedSegment[] }[];
		mediaGroups: {
			AUDIO: Record<
				string,
				Record<string, { playlists: { attributes: Record<string, unknown>; segments: ParsedSegment[] }[] }>
			>;
		};
	};
}
