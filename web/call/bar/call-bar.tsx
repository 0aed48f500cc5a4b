import type { JSX } from "preact";
import type { RoomModel } from "../room/room-model.ts";
import styles from "./bar.module.css";
import { BarButton } from "./bar-button.tsx";
import { CamControl, MicControl } from "./device-controls.tsx";
import { LeaveControl } from "./leave-control.tsx";
import { LayoutMenu, MoreMenu } from "./more-menu.tsx";
import { ReactionControl } from "./reaction-control.tsx";

/** What one can do in a call, below it. On phones the rare things move into "More". */
export function CallBar({ room, openSettings }: { room: RoomModel; openSettings: () => void }): JSX.Element {
	const { call, media, panel } = room;
	const isSharing = media.screen.value !== null;
	const isHandUp = call.self.value?.handRaisedAt !== null && call.self.value !== null;
	const peopleCount = call.people.value.length + 1;
	return (
		<nav class={styles.bar} aria-label="Call controls">
			<div class={styles.group}>
				<MicControl media={media} />
				<CamControl media={media} isAudioOnly={room.isAudioOnly.value} />
				<span class={styles.wide} hidden={!media.share.isPossible}>
					<BarButton
						icon="screen"
						label={isSharing ? "Stop sharing" : "Share your screen"}
						caption={isSharing ? "Stop" : "Share"}
						shortcut="Ctrl+Alt+S"
						isOn={isSharing}
						isBusy={media.share.isAsking.value}
						run={() => (isSharing ? media.stopScreen() : void media.startScreen())}
					/>
				</span>
			</div>
			<div class={styles.group}>
				<ReactionControl call={call} />
				<BarButton
					icon="hand"
					label={isHandUp ? "Lower your hand" : "Raise your hand"}
					caption={isHandUp ? "Lower" : "Hand"}
					shortcut="Ctrl+Alt+H"
					isOn={isHandUp}
					run={() => call.raiseHand(!isHandUp)}
				/>
				<BarButton
					icon="chat"
					label={panel.value === "chat" ? "Close the chat" : "Open the chat"}
					caption="Chat"
					shortcut="Ctrl+Alt+C"
					isOn={panel.value === "chat"}
					count={room.unread.value}
					run={() => room.togglePanel("chat")}
				/>
				<span class={styles.wide}>
					<BarButton
						icon="people"
						label={`People ${peopleCount}`}
						caption={`People ${peopleCount}`}
						shortcut="Ctrl+Alt+P"
						isOn={panel.value === "people"}
						run={() => room.togglePanel("people")}
					/>
				</span>
				<span class={styles.wide}>
					<LayoutMenu room={room} />
				</span>
				<MoreMenu room={room} openSettings={openSettings} />
			</div>
			<LeaveControl room={room} />
		</nav>
	);
}
