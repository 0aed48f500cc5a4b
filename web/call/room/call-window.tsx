import { type JSX, render } from "preact";
import { Icon, type IconName } from "../../shell/icons.tsx";
import { Avatar } from "../avatar.tsx";
import { SeamlessVideo } from "../seamless-video.tsx";
import styles from "./call-window.module.css";
import type { RoomModel } from "./room-model.ts";

/** https://wicg.github.io/document-picture-in-picture/ */
interface WindowOpener {
	requestWindow(options: { width: number; height: number }): Promise<Window>;
	readonly window: Window | null;
}

/** Whether this browser has small windows that stay above others. */
export function canOpenWindow(): boolean {
	return opener() !== null;
}

/** Opens the call in a small window above others, or closes it. Needs a click or a key. */
export async function openCallWindow(room: RoomModel): Promise<void> {
	const pictureInPicture = opener();
	if (pictureInPicture === null) return;
	if (pictureInPicture.window !== null) {
		pictureInPicture.window.close();
		return;
	}
	const small = await pictureInPicture.requestWindow({ width: 400, height: 300 });
	const { document: page } = small;
	// Small, and above whatever: dark in both themes, as pictures are.
	page.documentElement.dataset.theme = "dark";
	page.title = document.title;
	for (const sheet of document.querySelectorAll("style, link[rel='stylesheet']")) {
		page.head.append(sheet.cloneNode(true));
	}
	render(<CallWindow room={room} />, page.body);
	small.addEventListener("pagehide", () => render(null, page.body), { once: true });
}

/** The call is left: its window goes too. */
export function closeCallWindow(): void {
	opener()?.window?.close();
}

function opener(): WindowOpener | null {
	const found: unknown = Reflect.get(window, "documentPictureInPicture");
	return isOpener(found) ? found : null;
}

function isOpener(value: unknown): value is WindowOpener {
	return typeof value === "object" && value !== null && "requestWindow" in value;
}

/** Who speaks, and the three controls one needs while doing something else. */
function CallWindow({ room }: { room: RoomModel }): JSX.Element {
	const { call, media } = room;
	const speaker = call.people.value.find(({ participantID }) => participantID === call.speakerID.value);
	const person = speaker ?? room.seated.value[0];
	const facts = person?.participant.value ?? call.self.value;
	const track = person === undefined ? media.cam.value : (person.screen.value ?? person.cam.value);
	return (
		<div class={styles.window}>
			{facts === null ? null : (
				<span class={styles.face}>
					<Avatar userID={facts.userID} name={facts.displayName} size={88} />
				</span>
			)}
			<SeamlessVideo track={track} fit="contain" label={facts?.displayName ?? "The call"} />
			<p class={styles.name}>{facts?.displayName ?? ""}</p>
			<div class={styles.bar}>
				<Control
					icon={media.isMicOn.value ? "mic" : "micOff"}
					label={media.isMicOn.value ? "Mute" : "Unmute"}
					isOn={media.isMicOn.value}
					run={() => void media.setMic(!media.isMicOn.value)}
				/>
				<Control
					icon={media.isCamOn.value ? "camera" : "cameraOff"}
					label={media.isCamOn.value ? "Turn the camera off" : "Turn the camera on"}
					isOn={media.isCamOn.value}
					run={() => void media.setCam(!media.isCamOn.value)}
				/>
				<Control icon="phoneDown" label="Leave the call" isOn run={() => call.leave()} />
			</div>
		</div>
	);
}

function Control({
	icon,
	label,
	isOn,
	run,
}: {
	icon: IconName;
	label: string;
	isOn: boolean;
	run: () => void;
}): JSX.Element {
	return (
		<button
			type="button"
			class={styles.control}
			data-on={isOn}
			aria-label={label}
			title={label}
			onClick={run}
		>
			<Icon name={icon} />
		</button>
	);
}
