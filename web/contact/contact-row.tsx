import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { useLocation } from "preact-iso";
import type { CallKind } from "../../protocol/call.ts";
import { type Contact, deleteContact, putContact } from "../../protocol/contact.ts";
import { Avatar } from "../call/avatar.tsx";
import { ring } from "../call/ring.ts";
import { onlineIDs } from "../notification/notifications.ts";
import { call } from "../shell/api.ts";
import controls from "../shell/controls.module.css";
import { describeFailure } from "../shell/failure.ts";
import { Icon } from "../shell/icons.tsx";
import { MenuButton, type MenuItem } from "../shell/menu.tsx";
import { isOnline } from "../shell/online.ts";
import { notify } from "../shell/toasts.tsx";
import styles from "./contacts.module.css";

/** One person of the list and what can be done about them. */
export function ContactRow({ contact, reload }: { contact: Contact; reload: () => void }): JSX.Element {
	const { userID, displayName, userName, state } = contact;
	const isThere = state === "accepted" && onlineIDs.value.has(userID);
	return (
		<li class={styles.row} data-testid="contact" data-state={state} data-online={isThere}>
			<span class={styles.face}>
				<Avatar userID={userID} name={displayName} size={44} />
				{isThere ? <span class={styles.dot} aria-hidden="true" /> : null}
			</span>
			<span class={styles.who}>
				{displayName}
				<small>
					@{userName}
					{isThere ? " · online" : ""}
				</small>
			</span>
			<Actions contact={contact} reload={reload} />
		</li>
	);
}

function Actions({ contact, reload }: { contact: Contact; reload: () => void }): JSX.Element {
	const act = actionsFor(contact, reload);
	switch (contact.state) {
		case "accepted":
			return <CallButtons contact={contact} act={act} />;
		case "pending":
			return (
				<span class={styles.actions}>
					<button type="button" class={controls.primary} onClick={act.accept}>
						Accept
					</button>
					<MenuButton
						label={`More for ${contact.displayName}`}
						class={controls.icon}
						items={[
							{ label: "Ignore", icon: "close", run: act.remove },
							{ label: "Block", icon: "lock", tone: "danger", run: act.block },
						]}
					>
						<Icon name="more" />
					</MenuButton>
				</span>
			);
		case "requested":
			return (
				<button type="button" class={controls.quiet} onClick={act.remove}>
					Take back
				</button>
			);
		case "blocked":
			return (
				<button type="button" class={controls.quiet} onClick={act.remove}>
					Unblock
				</button>
			);
	}
}

interface Act {
	accept: () => void;
	remove: () => void;
	block: () => void;
}

function actionsFor({ userID, displayName, state }: Contact, reload: () => void): Act {
	const params = { userID };
	const removed = { accepted: "is no contact any more", blocked: "is not blocked any more" } as const;
	const said = state === "accepted" || state === "blocked" ? removed[state] : null;
	return {
		accept: () =>
			void perform(
				call(putContact, { params, body: { state: "accepted" } }),
				`${displayName} is a contact now`,
				reload,
			),
		remove: () =>
			void perform(call(deleteContact, { params }), said === null ? null : `${displayName} ${said}`, reload),
		block: () =>
			void perform(
				call(putContact, { params, body: { state: "blocked" } }),
				`${displayName} is blocked: they cannot ask or ring you`,
				reload,
			),
	};
}

async function perform(work: Promise<unknown>, done: string | null, reload: () => void): Promise<void> {
	try {
		await work;
		if (done !== null) notify(done);
		reload();
	} catch (error) {
		const { title, whatHappened } = describeFailure(error, isOnline.value);
		notify(`${title}. ${whatHappened}`, "bad");
	}
}

function CallButtons({ contact, act }: { contact: Contact; act: Act }): JSX.Element {
	const { route } = useLocation();
	const [isBusy, setBusy] = useState(false);
	const { userID, displayName } = contact;
	async function start(kind: CallKind): Promise<void> {
		setBusy(true);
		await ring(userID, kind, route);
		setBusy(false);
	}
	const more: MenuItem[] = [
		{ label: "Remove contact", icon: "close", run: act.remove },
		{ label: "Block", icon: "lock", tone: "danger", run: act.block },
	];
	return (
		<span class={styles.actions}>
			<button
				type="button"
				class={controls.icon}
				disabled={isBusy}
				aria-label={`Audio call with ${displayName}`}
				title="Audio call"
				onClick={() => void start("audio")}
			>
				<Icon name="phone" />
			</button>
			<button
				type="button"
				class={`${controls.icon} ${styles.call}`}
				disabled={isBusy}
				aria-label={`Video call with ${displayName}`}
				title="Video call"
				onClick={() => void start("video")}
			>
				<Icon name="camera" />
			</button>
			<MenuButton label={`More for ${displayName}`} class={controls.icon} items={more}>
				<Icon name="more" />
			</MenuButton>
		</span>
	);
}
