import type { JSX } from "preact";
import type { MenuItem } from "../../shell/menu.tsx";
import { isSameTile, type PlacedTile, type SelfView, type TileKey } from "../layout.ts";
import type { Region } from "../tile-grid.ts";
import type { RoomModel } from "./room-model.ts";
import { Tile } from "./tile.tsx";
import { tileMenu } from "./tile-menu.ts";
import { useVoice } from "./use-voice.ts";

/** Oneself, as a tile like all others. */
export function SelfTile({
	room,
	region,
	place,
}: {
	room: RoomModel;
	region: Region;
	place: PlacedTile["role"];
}): JSX.Element | null {
	const isVoice = useVoice(room.media.level, asIs);
	const self = room.call.self.value;
	if (self === null) return null;
	const isMicOn = room.media.isMicOn.value;
	const key: TileKey = { participantID: self.participantID, source: "cam" };
	return (
		<Tile
			id={`${self.participantID}/cam`}
			region={region}
			place={place}
			userID={self.userID}
			name={self.displayName}
			isSelf
			track={room.media.cam.value}
			isScreen={false}
			isMirrored={room.isMirrored.value}
			isMuted={!isMicOn}
			isSpeaking={isMicOn && isVoice}
			handPlace={room.hands.value.indexOf(self.participantID) + 1}
			verdict={null}
			notice={null}
			menu={[...selfMenu(room), ...tileMenu(`${self.participantID}/cam`)]}
			isPinned={isSameTile(room.pinned.value, key)}
			togglePin={() => room.togglePin(key)}
		/>
	);
}

function asIs(level: number): number {
	return level;
}

const VIEWS: readonly { view: SelfView; label: string }[] = [
	{ view: "auto", label: "Place me automatically" },
	{ view: "tile", label: "Among the others" },
	{ view: "floating", label: "In a corner" },
	{ view: "hidden", label: "Hide me from myself" },
];

/** How one sees oneself; nobody else is told. */
export function selfMenu(room: RoomModel): MenuItem[] {
	return [
		{
			label: "Mirror my picture",
			choice: { kind: "check", isOn: room.isMirrored.value },
			run: () => room.setMirrored(!room.isMirrored.value),
		},
		...VIEWS.map(
			({ view, label }): MenuItem => ({
				label,
				group: "My picture",
				choice: { kind: "radio", isOn: room.selfView.value === view },
				run: () => room.setSelfView(view),
			}),
		),
	];
}
