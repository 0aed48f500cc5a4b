import type { JSX } from "preact";
import { useEffect, useMemo, useState } from "preact/hooks";
import { Dialog } from "../../shell/dialog.tsx";
import { useImmersive } from "../../shell/immersive.ts";
import { usePageTitle } from "../../shell/page-title.ts";
import { CallBar } from "../bar/call-bar.tsx";
import { DeviceSettings } from "../devices/device-settings.tsx";
import type { CallSession } from "../engine/call-session.ts";
import type { JoinIntent } from "../join-intent.ts";
import type { Meeting } from "../meeting.ts";
import { CallChat } from "../panels/call-chat.tsx";
import { InvitePanel } from "../panels/invite-panel.tsx";
import { PeoplePanel } from "../panels/people-panel.tsx";
import { QualityPanel } from "../panels/quality-panel.tsx";
import { SidePanel } from "../panels/side-panel.tsx";
import { AloneCard } from "./alone-card.tsx";
import { Announcer } from "./announcer.tsx";
import { closeCallWindow } from "./call-window.tsx";
import { Notices } from "./notices.tsx";
import { ReactionRain } from "./reaction-rain.tsx";
import { RingingView } from "./ringing-view.tsx";
import styles from "./room.module.css";
import { type PanelName, RoomModel } from "./room-model.ts";
import { ShareBar } from "./share-bar.tsx";
import { Pages, Stage } from "./stage.tsx";
import { TopBar } from "./top-bar.tsx";
import { useCallShortcuts } from "./use-call-shortcuts.ts";
import { usePushToTalk } from "./use-push-to-talk.ts";
import { useWakeLock } from "./use-wake-lock.ts";

/** The call itself, over the whole window. */
export function Room({
	meeting,
	entered,
	intent,
}: {
	meeting: Meeting;
	entered: CallSession;
	intent: JoinIntent | null;
}): JSX.Element {
	const room = useMemo(() => new RoomModel(entered, meeting.media), [entered, meeting]);
	const [isSettingUp, setSettingUp] = useState(false);
	const title = entered.room.value?.title ?? "";
	const isTalking = usePushToTalk(meeting.media);
	usePageTitle(title === "" ? "Call" : title);
	useImmersive(true);
	useWakeLock();
	useCallShortcuts(room);
	useEffect(
		() => () => {
			closeCallWindow();
			room.dispose();
		},
		[room],
	);
	return (
		<div class={styles.room} data-room="true" data-testid="room" data-phase={entered.phase.value.name}>
			<TopBar room={room} />
			<Notices room={room} isTalking={isTalking} />
			<div class={styles.middle}>
				<div class={styles.stageArea}>
					<ShareBar room={room} />
					<Stage room={room} />
					<Pages room={room} />
					<RingingView room={room} kind={intent?.kind ?? null} />
					<AloneCard room={room} />
					<ReactionRain room={room} />
				</div>
				<OpenPanel room={room} />
			</div>
			<CallBar room={room} openSettings={() => setSettingUp(true)} />
			<Announcer room={room} />
			{isSettingUp ? (
				<Dialog title="Devices and sound" onClose={() => setSettingUp(false)}>
					<DeviceSettings media={meeting.media} />
				</Dialog>
			) : null}
		</div>
	);
}

const PANELS: Record<PanelName, { title: string; Content: (props: { room: RoomModel }) => JSX.Element }> = {
	chat: { title: "Chat", Content: ({ room }) => <CallChat call={room.call} /> },
	people: { title: "People", Content: PeoplePanel },
	quality: { title: "Connection", Content: QualityPanel },
	invite: { title: "Invite others", Content: InvitePanel },
};

function OpenPanel({ room }: { room: RoomModel }): JSX.Element | null {
	const name = room.panel.value;
	if (name === null) return null;
	const { title, Content } = PANELS[name];
	return (
		<SidePanel
			key={name}
			title={title}
			close={() => {
				room.panel.value = null;
			}}
		>
			<Content room={room} />
		</SidePanel>
	);
}
