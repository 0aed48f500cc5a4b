import type { JSX } from "preact";
import { Icon } from "../../shell/icons.tsx";
import { MenuButton, type MenuItem } from "../../shell/menu.tsx";
import { hasKeyboard } from "../../shell/shortcut-keys.ts";
import { helpOpen } from "../../shell/shortcuts.ts";
import type { LayoutMode } from "../layout.ts";
import { canOpenWindow, openCallWindow } from "../room/call-window.tsx";
import type { RoomModel } from "../room/room-model.ts";
import { selfMenu } from "../room/self-tile.tsx";
import styles from "./bar.module.css";

const MODES: readonly { mode: LayoutMode; label: string; hint: string }[] = [
	{ mode: "auto", label: "Automatic", hint: "what fits" },
	{ mode: "grid", label: "Grid", hint: "all alike" },
	{ mode: "speaker", label: "Speaker", hint: "one in front" },
];

/** How the others stand, and oneself. */
export function LayoutMenu({ room }: { room: RoomModel }): JSX.Element {
	return (
		<MenuButton
			label="Layout"
			title="Layout (W)"
			class={styles.button}
			side="up"
			items={[...layoutItems(room), ...selfMenu(room)]}
		>
			<Icon name={room.mode.value === "speaker" ? "speaker" : "grid"} size={22} />
			<span class={styles.caption} aria-hidden="true">
				Layout
			</span>
		</MenuButton>
	);
}

function layoutItems(room: RoomModel): MenuItem[] {
	return [
		...MODES.map(
			({ mode, label, hint }): MenuItem => ({
				label,
				hint,
				group: "Layout",
				choice: { kind: "radio", isOn: room.mode.value === mode },
				run: () => room.setMode(mode),
			}),
		),
		{
			label: "Hide people without video",
			group: "Layout",
			choice: { kind: "check", isOn: room.isHidingNonVideo.value },
			run: () => {
				room.isHidingNonVideo.value = !room.isHidingNonVideo.value;
			},
		},
	];
}

/** Everything else; on phones also what has no place of its own there. */
export function MoreMenu({ room, openSettings }: { room: RoomModel; openSettings: () => void }): JSX.Element {
	const isNarrow = room.size.value.width < NARROW_PX;
	return (
		<MenuButton
			label="More"
			class={styles.button}
			side="up"
			items={[...(isNarrow ? narrowItems(room) : []), ...commonItems(room, openSettings)]}
		>
			<Icon name="more" size={22} />
			<span class={styles.caption} aria-hidden="true">
				More
			</span>
		</MenuButton>
	);
}

/** As in the style sheet of the bar. */
const NARROW_PX = 720;

function narrowItems(room: RoomModel): MenuItem[] {
	const isSharing = room.media.screen.value !== null;
	const share: MenuItem[] = room.media.share.isPossible
		? [
				{
					label: isSharing ? "Stop sharing" : "Share your screen",
					icon: "screen",
					run: () => (isSharing ? room.media.stopScreen() : void room.media.startScreen()),
				},
			]
		: [];
	return [
		...share,
		{
			label: `People (${room.call.people.value.length + 1})`,
			icon: "people",
			run: () => room.togglePanel("people"),
		},
		...layoutItems(room),
	];
}

function commonItems(room: RoomModel, openSettings: () => void): MenuItem[] {
	const pip: MenuItem[] = canOpenWindow()
		? [{ label: "Small window", shortcut: "P", icon: "pip", run: () => void openCallWindow(room) }]
		: [];
	return [
		{ label: "Invite others", icon: "userPlus", run: () => room.togglePanel("invite") },
		{ label: "Connection quality", shortcut: "Q", icon: "signal", run: () => room.togglePanel("quality") },
		...pip,
		...(document.fullscreenEnabled ? [fullscreenItem()] : []),
		{ label: "Devices and sound", icon: "sliders", run: openSettings },
		...(hasKeyboard() ? [helpItem()] : []),
		{
			label: "Audio only",
			hint: "saves data",
			group: "Data",
			choice: { kind: "check", isOn: room.isAudioOnly.value },
			run: () => void room.setAudioOnly(!room.isAudioOnly.value),
		},
	];
}

function helpItem(): MenuItem {
	return {
		label: "Keyboard shortcuts",
		shortcut: "?",
		icon: "keyboard",
		run: () => {
			helpOpen.value = true;
		},
	};
}

function fullscreenItem(): MenuItem {
	return { label: "Full screen", shortcut: "F", icon: "expand", run: () => void toggleFullscreen() };
}

/** The whole call over the whole screen, or back. */
export async function toggleFullscreen(): Promise<void> {
	if (document.fullscreenElement !== null) await document.exitFullscreen();
	else await document.querySelector("[data-room]")?.requestFullscreen();
}
