import type { JSX } from "preact";

/** Line icons on a 20-unit grid, drawn for this product. */
const PATHS = {
	home: "M3 9.2 10 3.5l7 5.7M5 8v8.5h10V8",
	broadcast: "M10 11.5v5M6.8 13.2a4.5 4.5 0 1 1 6.4 0M4.3 15.7a8 8 0 1 1 11.4 0M10 9.2h.01",
	user: "M10 10a3.2 3.2 0 1 0 0-6.4 3.2 3.2 0 0 0 0 6.4ZM3.8 16.8c.8-3 3.2-4.6 6.2-4.6s5.4 1.6 6.2 4.6",
	sun: "M10 13.4a3.4 3.4 0 1 0 0-6.8 3.4 3.4 0 0 0 0 6.8ZM10 1.8v1.6M10 16.6v1.6M1.8 10h1.6M16.6 10h1.6M4.2 4.2l1.1 1.1M14.7 14.7l1.1 1.1M4.2 15.8l1.1-1.1M14.7 5.3l1.1-1.1",
	moon: "M16.6 11.6A7 7 0 0 1 8.4 3.4a7 7 0 1 0 8.2 8.2Z",
	close: "m5 5 10 10M15 5 5 15",
	copy: "M7 7V4.2h8.8V13H13M4.2 7H13v8.8H4.2z",
	check: "m4 10.6 3.8 3.9L16 5.8",
	checks: "m2 10.6 3.4 3.5L12 6.4M9.4 13.2l1 .9L17.6 6.4",
	clock: "M10 17a7 7 0 1 0 0-14 7 7 0 0 0 0 14ZM10 6.2V10l2.6 1.8",
	alert: "M10 3 1.9 16.8h16.2zM10 8.2v3.6M10 14.4h.01",
	retry: "M16 10a6 6 0 1 1-1.8-4.3M16 3v3.4h-3.4",
	arrowDown: "M10 4v12M5 11l5 5 5-5",
	arrowLeft: "M16 10H4M9 5l-5 5 5 5",
	eye: "M1.8 10S4.8 4.6 10 4.6 18.2 10 18.2 10 15.2 15.4 10 15.4 1.8 10 1.8 10ZM10 12.3a2.3 2.3 0 1 0 0-4.6 2.3 2.3 0 0 0 0 4.6Z",
	more: "M4.5 10h.01M10 10h.01M15.5 10h.01",
	smile:
		"M10 17a7 7 0 1 0 0-14 7 7 0 0 0 0 14ZM7 11.6c.7 1.3 1.7 1.9 3 1.9s2.3-.6 3-1.9M7.6 8h.01M12.4 8h.01",
	send: "M3.4 10 16.8 3.6 12.6 17l-2.9-5.2zM9.7 11.8l7.1-8.2",
	camera: "M2.8 6h9.4v8H2.8zM12.2 9l5-2.6v7.2l-5-2.6",
	screen: "M2.8 4.4h14.4v9H2.8zM7 16.6h6M10 13.4v3.2",
	mic: "M10 12.4a2.6 2.6 0 0 0 2.6-2.6V5.6a2.6 2.6 0 1 0-5.2 0v4.2a2.6 2.6 0 0 0 2.6 2.6ZM4.8 9.8a5.2 5.2 0 0 0 10.4 0M10 15v2.4",
	micOff:
		"M7.4 7.4v2.4a2.6 2.6 0 0 0 4 2.2M12.6 8.6v-3A2.6 2.6 0 0 0 7.7 4.4M4.8 9.8a5.2 5.2 0 0 0 8.2 4.2M15.2 9.8c0 .6-.1 1.1-.3 1.6M10 15v2.4M3 3l14 14",
	chat: "M3 4.4h14v9H9l-3.6 3v-3H3z",
	panelClose: "M3 4.4h14v11.2H3zM12.4 4.4v11.2M6 8l2 2-2 2",
	edit: "M4 16h2.4l9-9L13 4.6l-9 9zM11.4 6.2l2.4 2.4",
	key: "M12.6 11a3.6 3.6 0 1 0-3.4-2.4L3 14.8V17h3v-1.8h1.8v-1.8h1.4l1.6-2.6",
	keyboard: "M2.4 5.4h15.2v9.2H2.4zM5.4 8.4h.01M8.4 8.4h.01M11.4 8.4h.01M14.4 8.4h.01M6.4 11.6h7.2",
	link: "M8.4 11.6a3 3 0 0 0 4.3 0l2.9-2.9a3 3 0 1 0-4.3-4.3l-1 1M11.6 8.4a3 3 0 0 0-4.3 0l-2.9 2.9a3 3 0 1 0 4.3 4.3l1-1",
	signal: "M3.4 16V12M7.8 16V9M12.2 16V6M16.6 16V3.6",
	signOut: "M8.4 3.6H4v12.8h4.4M12.4 6.4 16 10l-3.6 3.6M16 10H8",
	play: "M6 4.2v11.6L15.6 10z",
	stop: "M5.4 5.4h9.2v9.2H5.4z",
	upload: "M10 13V3.6M6 7.4l4-4 4 4M3.6 12.6v3.8h12.8v-3.8",
	download: "M10 3.6V13M6 9.2l4 4 4-4M3.6 12.6v3.8h12.8v-3.8",
	pause: "M7 4.6v10.8M13 4.6v10.8",
	trash: "M3.6 5.6h12.8M7.6 5.4V3.4h4.8v2M5.2 5.6l.7 11h8.2l.7-11M8.4 8.8v4.6M11.6 8.8v4.6",
	film: "M2.8 4.4h14.4v11.2H2.8zM6.4 4.4v11.2M13.6 4.4v11.2M2.8 10h14.4",
	note: "M7.6 14.4V4.8l8-1.6v9.6M7.6 14.4a2.1 2.1 0 1 1-4.2 0 2.1 2.1 0 0 1 4.2 0ZM15.6 12.8a2.1 2.1 0 1 1-4.2 0 2.1 2.1 0 0 1 4.2 0Z",
	lock: "M4.6 9h10.8v7.6H4.6zM6.8 9V6.4a3.2 3.2 0 1 1 6.4 0V9",
} as const;

export type IconName = keyof typeof PATHS;

/** A decorative icon: the control it stands in carries the name. `size` in px. */
export function Icon({ name, size = 20 }: { name: IconName; size?: number }): JSX.Element {
	return (
		<svg
			aria-hidden="true"
			focusable="false"
			width={size}
			height={size}
			viewBox="0 0 20 20"
			fill="none"
			stroke="currentColor"
			stroke-width={name === "more" ? 2.4 : 1.6}
			stroke-linecap="round"
			stroke-linejoin="round"
		>
			<path d={PATHS[name]} />
		</svg>
	);
}

/** The tally light on its stand. */
export function Logo(): JSX.Element {
	return (
		<svg aria-hidden="true" focusable="false" width="24" height="24" viewBox="0 0 24 24">
			<circle cx="12" cy="6" r="3.6" fill="var(--accent)" />
			<path d="M3.4 12.2h17.2l-2.3 8a1.4 1.4 0 0 1-1.4 1H7.1a1.4 1.4 0 0 1-1.4-1z" fill="currentColor" />
		</svg>
	);
}
