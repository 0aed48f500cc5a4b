import type { JSX } from "preact";
import { useEffect, useMemo, useState } from "preact/hooks";
import { useLocation } from "preact-iso";
import type { ChannelID } from "../../protocol/ids.ts";
import { loginPath } from "../account/login-path.ts";
import controls from "../shell/controls.module.css";
import { Icon } from "../shell/icons.tsx";
import { MenuButton } from "../shell/menu.tsx";
import { useNow } from "../shell/resource.ts";
import { recall, remember } from "../shell/settings.ts";
import { formatUntil } from "../shell/time.ts";
import styles from "./chat.module.css";
import type { ChatRoom, OwnBan } from "./chat-room.ts";
import { Composer } from "./composer.tsx";
import { loadEmotes } from "./emote-set.ts";
import { MessageList } from "./message-list.tsx";
import { moderationMenu } from "./moderation.ts";

const DENSITY_KEY = "rostrum.chat-density";

/** A channel's chat. `hide` puts it away, where there is something else to see. */
export function ChatPanel({
	room,
	channelID,
	hide,
}: {
	room: ChatRoom;
	channelID: ChannelID;
	hide?: () => void;
}): JSX.Element {
	const [isCompact, setCompact] = useState(recall(DENSITY_KEY) === "compact");
	useEffect(() => {
		void loadEmotes();
	}, []);
	const isOwner = room.self.value.role === "owner";
	const menuFor = useMemo(() => (isOwner ? moderationMenu(channelID) : null), [isOwner, channelID]);
	function setDensity(compact: boolean): void {
		setCompact(compact);
		remember(DENSITY_KEY, compact ? "compact" : "comfortable");
	}
	return (
		<section class={styles.panel} aria-label="Chat" data-density={isCompact ? "compact" : "comfortable"}>
			<header class={styles.header}>
				<h2>
					<span class={styles.dot} data-state={room.connection.value.kind} aria-hidden="true" />
					Chat
				</h2>
				<MenuButton
					label="Chat settings"
					class={controls.icon}
					items={[
						{
							label: isCompact ? "More room between lines" : "Closer lines",
							run: () => setDensity(!isCompact),
						},
					]}
				>
					<Icon name="more" />
				</MenuButton>
				{hide === undefined ? null : (
					<button
						type="button"
						class={controls.icon}
						aria-label="Hide the chat"
						title="Hide the chat (x)"
						onClick={hide}
					>
						<Icon name="panelClose" />
					</button>
				)}
			</header>
			<ConnectionNote room={room} />
			<MessageList room={room} menuFor={menuFor} />
			<Foot room={room} />
		</section>
	);
}

function ConnectionNote({ room }: { room: ChatRoom }): JSX.Element {
	const now = useNow(500);
	const state = room.connection.value;
	const isWaiting = state.kind === "waiting";
	const seconds = isWaiting ? Math.max(0, Math.ceil((state.retryAt - now) / 1000)) : 0;
	return (
		<div>
			{/* The words are announced, the seconds are not: they would never stop. */}
			<p class="visually-hidden" role="status">
				{isWaiting ? "The chat is not connected. Trying again." : ""}
			</p>
			{isWaiting ? (
				<p class={styles.note} data-tone="warn">
					<span class="numerals">Not connected. Next try in {seconds} s.</span>
					<button type="button" class={controls.quiet} onClick={() => room.retryConnection()}>
						Retry now
					</button>
				</p>
			) : null}
		</div>
	);
}

function Foot({ room }: { room: ChatRoom }): JSX.Element {
	const { url } = useLocation();
	const ban = room.ban.value;
	const { role, userID } = room.self.value;
	if (role === "anonymous" || userID === null) {
		return (
			<footer class={styles.foot}>
				<a class={controls.button} href={loginPath(url)}>
					Sign in to chat
				</a>
			</footer>
		);
	}
	return (
		<footer class={styles.foot}>
			<div role="alert">{ban === null ? null : <BanNote ban={ban} />}</div>
			{ban === null ? (
				<>
					<PauseNote room={room} />
					<Composer room={room} />
				</>
			) : null}
		</footer>
	);
}

function BanNote({ ban }: { ban: OwnBan }): JSX.Element {
	const now = useNow(1000);
	const end = ban.until === null ? "until the owner lifts it" : formatUntil(ban.until, now);
	return (
		<p class={styles.note} data-tone="bad">
			<Icon name="alert" size={18} />
			<span>
				You are banned from this chat {end}.{ban.reason === null ? "" : ` Reason: ${ban.reason}.`} You can go
				on reading and watching.
			</span>
		</p>
	);
}

function PauseNote({ room }: { room: ChatRoom }): JSX.Element | null {
	const now = useNow(500);
	const pause = room.pause.value;
	if (pause === null || pause.until <= now) return null;
	return (
		<p class={styles.note} data-tone="warn" role="status">
			{pause.why}. Wait a moment before the next message.
		</p>
	);
}
