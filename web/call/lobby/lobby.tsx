import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import type { getCall } from "../../../protocol/call.ts";
import type { EndpointReply } from "../../../protocol/endpoint.ts";
import { loginPath } from "../../account/login-path.ts";
import { ownID } from "../../account/own-id.ts";
import { session } from "../../account/session.ts";
import { usePageTitle } from "../../shell/page-title.ts";
import type { Resource } from "../../shell/resource.ts";
import { recall, remember } from "../../shell/settings.ts";
import { ConnectionTest } from "../connection-test/connection-test.tsx";
import { DeviceSettings } from "../devices/device-settings.tsx";
import { InviteCard } from "../invite/invite-card.tsx";
import type { Meeting } from "../meeting.ts";
import { JoinForm } from "./join-form.tsx";
import styles from "./lobby.module.css";
import { Preview } from "./preview.tsx";
import { useLobbyShortcuts } from "./use-lobby-shortcuts.ts";
import { WhoInside } from "./who-inside.tsx";

export type CallFacts = EndpointReply<typeof getCall>;

const NAME_KEY = "rostrum.call.name";
/** In larger rooms one comes in silently. */
const LOUD_UP_TO = 8;

/** The room before the room: how one looks and sounds, who is inside, and the way in. Needs no device and no account. */
export function Lobby({ meeting, facts }: { meeting: Meeting; facts: Resource<CallFacts> }): JSX.Element {
	const [name, setName] = useOwnName();
	const found = facts.value;
	const isCrowded = (found?.inside.length ?? 0) > LOUD_UP_TO;
	usePageTitle(found === undefined || found.title === "" ? "Join the call" : found.title);
	useLobbyShortcuts(meeting.media);
	useEffect(() => {
		void meeting.media.openAllowed();
	}, [meeting]);
	useEffect(() => {
		if (isCrowded) void meeting.media.setMic(false);
	}, [isCrowded, meeting]);
	return (
		<div class={styles.page}>
			<div class={styles.stage}>
				<Preview media={meeting.media} userID={ownID()} name={name.trim()} />
				<DeviceSettings media={meeting.media} />
			</div>
			<div class={styles.side}>
				<header class={styles.head}>
					<h1>{titleOf(found)}</h1>
					<WhoInside inside={found?.inside} />
				</header>
				<JoinForm
					meeting={meeting}
					name={name}
					setName={(next) => {
						setName(next);
						remember(NAME_KEY, next.trim());
					}}
					isCrowded={isCrowded}
					mustKnock={found?.access === "lobby" && found.hostID !== ownID()}
					signInPath={session.value.kind === "anonymous" ? loginPath(`/meet/${meeting.code}`) : null}
				/>
				<InviteCard code={meeting.code} title={found?.title ?? ""} />
				<ConnectionTest displayName={name} />
			</div>
		</div>
	);
}

function titleOf(facts: CallFacts | undefined): string {
	if (facts === undefined) return "Ready to join?";
	return facts.title === "" ? "Ready to join?" : facts.title;
}

/** The account's name, else the one last typed. */
function useOwnName(): [string, (name: string) => void] {
	const [typed, setTyped] = useState<string | null>(null);
	const known = session.value.kind === "signed-in" ? session.value.user.displayName : recall(NAME_KEY);
	return [typed ?? known ?? "", setTyped];
}
