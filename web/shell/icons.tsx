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
	phone:
		"M6.9 3.2 8.5 7 6.7 8.5a10.4 10.4 0 0 0 4.8 4.8l1.5-1.8 3.8 1.6v2.5c0 .7-.6 1.3-1.3 1.2C8.9 16.3 3.7 11.1 3.2 4.5 3.1 3.8 3.7 3.2 4.4 3.2z",
	phoneDown:
		"M2.5 11.7c4.1-4.3 10.9-4.3 15 0 .4.4.4 1 0 1.4l-1.5 1.5-3.3-1.9v-2a8.7 8.7 0 0 0-5.4 0v2L4 14.6l-1.5-1.5a1 1 0 0 1 0-1.4z",
	cameraOff: "M5.6 6H2.8v8h9.4v-1.4M8.8 6h3.4v3.4M12.2 9l5-2.6v7.2l-3-1.6M3 3l14 14",
	hand: "M6.4 10.6V5.2a1.2 1.2 0 0 1 2.4 0v4M8.8 9.2V3.8a1.2 1.2 0 0 1 2.4 0v5.4M11.2 9.2V4.6a1.2 1.2 0 0 1 2.4 0v6.8M13.6 9.8a1.2 1.2 0 0 1 2.4 0c0 4.6-1.4 7.2-5.2 7.2-3 0-4.2-1.8-5.2-3.6L4 10.8c-.8-1.4 1-2.4 1.8-1.2l.6 1",
	people:
		"M7.4 9.6a2.7 2.7 0 1 0 0-5.4 2.7 2.7 0 0 0 0 5.4ZM2 16c.6-2.7 2.6-4.2 5.4-4.2s4.8 1.5 5.4 4.2M12.8 4.4a2.7 2.7 0 0 1 0 5M14.6 12.2c1.8.5 3 1.8 3.4 3.8",
	userPlus:
		"M8 9.8a2.9 2.9 0 1 0 0-5.8 2.9 2.9 0 0 0 0 5.8ZM2.2 16.4c.7-2.9 2.9-4.5 5.8-4.5s5.1 1.6 5.8 4.5M15.4 6.8v5M12.9 9.3h5",
	grid: "M3 3.6h6v5.6H3zM11 3.6h6v5.6h-6zM3 11h6v5.4H3zM11 11h6v5.4h-6z",
	speaker: "M3 3.6h14v8.8H3zM3 14.8h3.6M8.2 14.8h3.6M13.4 14.8H17",
	pin: "M7.6 3h4.8l-.6 5 2.8 2.6v1.6H5.4v-1.6L8.2 8zM10 12.2V17",
	expand: "M12 3.6h4.4V8M16.4 3.6 11.6 8.4M8 16.4H3.6V12M3.6 16.4l4.8-4.8",
	shrink: "M16.4 8H12V3.6M12 8l4.6-4.6M3.6 12H8v4.4M8 12l-4.6 4.6",
	pip: "M2.8 4.4h14.4v11.2H2.8zM10.4 9.8h4.6v3.4h-4.6z",
	sound: "M3.2 7.8h3L10 4.6v10.8l-3.8-3.2h-3zM13 7.6a3.4 3.4 0 0 1 0 4.8M15.4 5.2a6.8 6.8 0 0 1 0 9.6",
	soundOff: "M3.2 7.8h3L10 4.6v10.8l-3.8-3.2h-3zM13.2 8l4 4M17.2 8l-4 4",
	calendar: "M3.4 5h13.2v11.6H3.4zM3.4 8.6h13.2M7 3v3.4M13 3v3.4",
	qr: "M3.4 3.4h5v5h-5zM11.6 3.4h5v5h-5zM3.4 11.6h5v5h-5zM11.6 11.6h2v2M16.6 11.6v1.4M13.6 16.6h3v-1.4M11.6 16.6h.01",
	lock: "M4.6 9h10.8v7.6H4.6zM7 9V6.4a3 3 0 0 1 6 0V9M10 12.2v1.4",
	unlock: "M4.6 9h10.8v7.6H4.6zM7 9V6.4a3 3 0 0 1 5.8-1M10 12.2v1.4",
	search: "M8.8 14.2a5.4 5.4 0 1 0 0-10.8 5.4 5.4 0 0 0 0 10.8ZM12.8 12.8l4 4",
	sliders:
		"M3 6h7.4M14.6 6H17M3 14h2.4M9.6 14H17M12.5 8.1a2.1 2.1 0 1 0 0-4.2 2.1 2.1 0 0 0 0 4.2ZM7.5 16.1a2.1 2.1 0 1 0 0-4.2 2.1 2.1 0 0 0 0 4.2Z",
	plus: "M10 4v12M4 10h12",
	minus: "M4 10h12",
	chevronUp: "m5 12.5 5-5 5 5",
	chevronDown: "m5 7.5 5 5 5-5",
	chevronLeft: "m12.5 5-5 5 5 5",
	chevronRight: "m7.5 5 5 5-5 5",
	arrowOut: "M6 14 14 6M7.4 6H14v6.6",
	arrowIn: "M14 6 6 14M12.6 14H6V7.4",
	door: "M5 3.4h7.6v13.2H5zM3 16.6h14M10.2 10h.01",
	download: "M10 3.4v9M6 8.8l4 4 4-4M3.6 16.4h12.8",
	pause: "M6.6 4.6v10.8M13.4 4.6v10.8",
	wave: "M3 8.6v2.8M6.5 6.2v7.6M10 3.8v12.4M13.5 6.2v7.6M17 8.6v2.8",
	info: "M10 17a7 7 0 1 0 0-14 7 7 0 0 0 0 14ZM10 9.2v4.2M10 6.6h.01",
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
