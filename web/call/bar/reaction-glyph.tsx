import type { JSX } from "preact";

/** The reactions on offer, with the emoji that goes over the wire. Drawn here: not every system has emoji. */
export const REACTIONS = [
	{ emoji: "👍", label: "Thumbs up" },
	{ emoji: "👏", label: "Applause" },
	{ emoji: "❤️", label: "Heart" },
	{ emoji: "😂", label: "Laughter" },
	{ emoji: "😮", label: "Surprise" },
	{ emoji: "🎉", label: "Celebration" },
] as const;

/** What to call a reaction, ours or somebody else's. */
export function reactionLabel(emoji: string): string {
	return REACTIONS.find((reaction) => reaction.emoji === emoji)?.label ?? emoji;
}

/** A reaction as a picture; what we have not drawn is left to the system's font. `size` in px. */
export function ReactionGlyph({ emoji, size }: { emoji: string; size: number }): JSX.Element {
	const drawing = DRAWINGS[emoji];
	if (drawing === undefined) return <span style={{ fontSize: `${size * 0.8}px` }}>{emoji}</span>;
	return (
		<svg aria-hidden="true" focusable="false" width={size} height={size} viewBox="0 0 32 32">
			{drawing}
		</svg>
	);
}

const SKIN = "#ffc14a";
const SHADE = "#c97a12";
const INK = "#3b2200";

const DRAWINGS: Record<string, JSX.Element> = {
	"👍": (
		<g stroke={SHADE} stroke-width="1.6" stroke-linejoin="round" fill={SKIN}>
			<path d="M4.5 14.5h5v12h-5z" fill="#4f8df5" stroke="#2c5fb8" />
			<path d="M9.5 15.5c3-2 4.5-5.5 4.7-9.5.1-1.8 3.8-1.8 4.3 1.5.3 2-.2 4-.8 5.5h7.6c2.4 0 3 2.4 1.6 3.7 1.3 1.3.9 3.2-.6 3.9.8 1.4.2 3-1.3 3.5.4 1.5-.6 2.9-2.5 2.9H15c-2.2 0-3.9-.8-5.5-1.5z" />
		</g>
	),
	"👏": (
		<g stroke={SHADE} stroke-width="1.5" stroke-linejoin="round" fill={SKIN}>
			<path d="M6 19.5c-1.5-3 2.5-6.5 4.5-8.5l4.8-4.8c1.4-1.4 3.4.4 2.2 2l-2.7 3.3 5-5.2c1.5-1.5 3.6.4 2.3 2l-4.3 5 5.2-4.8c1.6-1.4 3.5.6 2.1 2.2l-8.2 9.8c-3.5 4-9 3.5-10.9-1z" />
			<path d="M10 24.5c-2.2-2.8 1.2-7 3-9.2l4.4-5.2c1.3-1.5 3.4.1 2.4 1.8l-2.4 3.6 4.7-5.7c1.3-1.5 3.5.1 2.4 1.8l-3.7 5.3 4.8-5.2c1.5-1.5 3.5.4 2.3 2.1l-7.3 10.5c-2.9 4-8.2 3.6-10.6.2z" />
			<path
				d="M5.5 6.5 7.8 9M10.5 3.5l.8 3M3.5 11.8l3 .8"
				fill="none"
				stroke="#4f8df5"
				stroke-width="2"
				stroke-linecap="round"
			/>
		</g>
	),
	"❤️": (
		<path
			d="M16 27.5C7 21.5 3.5 16.8 3.5 11.6 3.5 7.7 6.4 5 9.8 5c2.6 0 4.9 1.5 6.2 3.9C17.3 6.5 19.6 5 22.2 5c3.4 0 6.3 2.7 6.3 6.6 0 5.2-3.5 9.9-12.5 15.9z"
			fill="#ff4d6a"
			stroke="#b81f3c"
			stroke-width="1.4"
		/>
	),
	"😂": (
		<g>
			<circle cx="16" cy="16" r="12.5" fill={SKIN} stroke={SHADE} stroke-width="1.5" />
			<path
				d="M8.5 13.5c1-1.8 3.5-1.8 4.5 0M19 13.5c1-1.8 3.5-1.8 4.5 0"
				fill="none"
				stroke={INK}
				stroke-width="2"
				stroke-linecap="round"
			/>
			<path d="M8.5 17.5h15c0 5-3.2 8-7.5 8s-7.5-3-7.5-8z" fill={INK} />
			<path d="M11 22.8c1.2 1.7 2.9 2.7 5 2.7s3.8-1 5-2.7c-3-1.3-7-1.3-10 0z" fill="#ff6b6d" />
			<path
				d="M6.5 14.5c-3 2.5-4.5 4-3.8 5.6.7 1.5 2.9 1.3 3.6-.4.5-1.2.5-3 .2-5.2zM25.5 14.5c3 2.5 4.5 4 3.8 5.6-.7 1.5-2.9 1.3-3.6-.4-.5-1.2-.5-3-.2-5.2z"
				fill="#6db7ff"
				stroke="#2c6fb8"
				stroke-width="1"
			/>
		</g>
	),
	"😮": (
		<g>
			<circle cx="16" cy="16" r="12.5" fill={SKIN} stroke={SHADE} stroke-width="1.5" />
			<ellipse cx="11.5" cy="13" rx="1.7" ry="2.4" fill={INK} />
			<ellipse cx="20.5" cy="13" rx="1.7" ry="2.4" fill={INK} />
			<path
				d="M8.8 8.5c.8-.9 2-1.4 3.2-1.3M23.2 8.5c-.8-.9-2-1.4-3.2-1.3"
				fill="none"
				stroke={INK}
				stroke-width="1.6"
				stroke-linecap="round"
			/>
			<ellipse cx="16" cy="21.5" rx="3.4" ry="4.2" fill={INK} />
		</g>
	),
	"🎉": (
		<g stroke-linejoin="round" stroke-linecap="round">
			<path d="M4.5 27.5 11 11.5l9.5 9.5z" fill="#ffb224" stroke={SHADE} stroke-width="1.5" />
			<path d="m8.3 18.2 5.6 5.6M6.6 22.5l2.9 2.9" fill="none" stroke="#ff4d6a" stroke-width="2" />
			<path
				d="M14.5 11c-.5-3 1-5 3.5-6.5M19 13c2-3.5 4.5-4.5 8-3.5M21 17.5c3-1.2 5-.5 7 1.5"
				fill="none"
				stroke="#4f8df5"
				stroke-width="2"
			/>
			<path d="M22.5 5.5h.01M11 6h.01M26.5 14h.01M24.5 23.5h.01" stroke="#3ddc97" stroke-width="3" />
			<path d="M26.5 5h.01M17 9h.01" stroke="#ff4d6a" stroke-width="3" />
		</g>
	),
};
