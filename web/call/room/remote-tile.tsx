import type { JSX } from "preact";
import { levelOfAmplitude } from "../../devices/sound-level.ts";
import type { RemotePerson } from "../engine/remote-person.ts";
import { isSameTile, type PlacedTile } from "../layout.ts";
import { personMenu } from "./person-menu.ts";
import type { RoomModel } from "./room-model.ts";
import { Tile, type TileProps } from "./tile.tsx";
import { tileMenu } from "./tile-menu.ts";
import { useVoice } from "./use-voice.ts";

/** Somebody else, or what they share. */
export function RemoteTile({
	room,
	person,
	placed,
}: {
	room: RoomModel;
	person: RemotePerson;
	placed: PlacedTile;
}): JSX.Element {
	const isVoice = useVoice(person.level, levelOfAmplitude);
	const { userID, displayName, media, participantID } = person.participant.value;
	const isScreen = placed.source === "screen";
	const id = `${participantID}/${placed.source}`;
	return (
		<Tile
			id={id}
			region={placed}
			place={placed.role}
			userID={userID}
			name={displayName}
			isSelf={false}
			track={shownTrack(room, person, isScreen)}
			isScreen={isScreen}
			isMirrored={false}
			isMuted={!media.mic}
			isSpeaking={!isScreen && media.mic && isVoice}
			handPlace={isScreen ? 0 : room.hands.value.indexOf(participantID) + 1}
			verdict={person.quality.value.verdict}
			notice={noticeOf(room, person, isScreen)}
			menu={[...tileMenu(id), ...(isScreen ? [] : personMenu(room, person))]}
			isPinned={isSameTile(room.pinned.value, placed)}
			togglePin={() => room.togglePin({ participantID, source: placed.source })}
		/>
	);
}

/** Audio only shows nobody, also what is still on its way. A camera that is off has no last frame. */
function shownTrack(room: RoomModel, person: RemotePerson, isScreen: boolean): MediaStreamTrack | null {
	if (room.isAudioOnly.value) return null;
	const { media } = person.participant.value;
	if (isScreen) return person.screen.value;
	return media.cam ? person.cam.value : null;
}

function noticeOf(room: RoomModel, person: RemotePerson, isScreen: boolean): TileProps["notice"] {
	const { connection, media } = person.participant.value;
	if (connection === "reconnecting") return { icon: "retry", text: "Reconnecting…", isBusy: true };
	if (!isScreen && !media.cam) return null;
	if (room.isAudioOnly.value) return { icon: "pause", text: "Paused to save data", isBusy: false };
	const state = isScreen ? person.screenState.value : person.videoState.value;
	if (state === "paused") return { icon: "pause", text: "Paused to save bandwidth", isBusy: false };
	if (state === "failed") return { icon: "alert", text: "No picture. Trying again", isBusy: false };
	const hasPicture = (isScreen ? person.screen.value : person.cam.value) !== null;
	return state === "waiting" && !hasPicture ? { icon: "retry", text: "Loading…", isBusy: true } : null;
}
