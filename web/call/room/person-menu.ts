import { describeFailure } from "../../shell/failure.ts";
import type { MenuItem } from "../../shell/menu.tsx";
import { isOnline } from "../../shell/online.ts";
import { notify } from "../../shell/toasts.tsx";
import type { RemotePerson } from "../engine/remote-person.ts";
import type { RoomModel } from "./room-model.ts";

/** What a host can do about somebody. Empty for everybody else. */
export function personMenu({ call, isHost }: RoomModel, person: RemotePerson): MenuItem[] {
	if (!isHost.value) return [];
	const { participantID, displayName, media, role } = person.participant.value;
	const isMainHost = call.self.value?.role === "host";
	const items: (MenuItem | null)[] = [
		media.mic
			? {
					label: "Mute",
					icon: "micOff",
					run: () => void attempt(call.muteOther(participantID, "mic"), `${displayName} is muted`),
				}
			: null,
		media.cam
			? {
					label: "Turn the camera off",
					icon: "cameraOff",
					run: () => void attempt(call.muteOther(participantID, "cam"), `${displayName}’s camera is off`),
				}
			: null,
		media.screen
			? {
					label: "Stop their sharing",
					icon: "screen",
					run: () => void attempt(call.muteOther(participantID, "screen"), `${displayName} shares no more`),
				}
			: null,
		isMainHost && role !== "host" ? roleItem({ call }, person) : null,
		role === "host"
			? null
			: {
					label: "Remove from the call",
					icon: "close",
					tone: "danger",
					run: () => void attempt(call.remove(participantID), `${displayName} was removed`),
				},
	];
	return items.filter((item) => item !== null);
}

function roleItem({ call }: Pick<RoomModel, "call">, person: RemotePerson): MenuItem {
	const { participantID, displayName, role } = person.participant.value;
	if (role === "cohost") {
		return {
			label: "No longer co-host",
			icon: "user",
			run: () => void attempt(call.setRole(participantID, "member"), `${displayName} is no co-host any more`),
		};
	}
	return {
		label: "Make co-host",
		icon: "key",
		run: () => void attempt(call.setRole(participantID, "cohost"), `${displayName} is a co-host now`),
	};
}

/** Waits for what a host did and says how it went. */
export async function attempt(work: Promise<unknown>, done: string): Promise<void> {
	try {
		await work;
		notify(done);
	} catch (error) {
		const { title, whatHappened } = describeFailure(error, isOnline.value);
		notify(`${title}. ${whatHappened}`, "bad");
	}
}
