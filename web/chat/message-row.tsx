import { Component, type JSX } from "preact";
import type { Emote } from "../../protocol/chat.ts";
import controls from "../shell/controls.module.css";
import { Icon } from "../shell/icons.tsx";
import { MenuButton, type MenuItem } from "../shell/menu.tsx";
import type { ChatItem } from "./chat-item.ts";
import { segmentsOf } from "./emote-text.ts";
import styles from "./message.module.css";
import { hueOf } from "./name-hue.ts";

export interface RowProps {
	item: ChatItem;
	emotes: ReadonlyMap<string, Emote>;
	isOwn: boolean;
	/** Null where there is nothing to do with this message. */
	menuFor: ((item: ChatItem) => readonly MenuItem[]) | null;
	retry: (clientMsgID: string) => void;
	withdraw: (clientMsgID: string) => void;
}

const time = new Intl.DateTimeFormat(undefined, { timeStyle: "short" });

/** One line of the chat. Drawn again only if the line itself changed: that is what a fast chat needs. */
export class MessageRow extends Component<RowProps> {
	override shouldComponentUpdate(next: RowProps): boolean {
		const { item, emotes, isOwn, menuFor } = this.props;
		return next.item !== item || next.emotes !== emotes || next.isOwn !== isOwn || next.menuFor !== menuFor;
	}

	override render(): JSX.Element {
		const { item, isOwn, menuFor } = this.props;
		return (
			<div class={styles.row} data-key={item.key} data-own={isOwn} data-delivery={item.delivery}>
				<p class={styles.line}>
					<time class={styles.time} dateTime={new Date(item.sentAt).toISOString()}>
						{time.format(item.sentAt)}
					</time>
					<span class={styles.name} style={{ "--hue": String(hueOf(item.userID)) }}>
						{item.userName}
					</span>
					<span class="visually-hidden">: </span>
					{item.isDeleted ? (
						<em class={styles.deleted}>Message deleted</em>
					) : (
						<MessageText item={item} emotes={this.props.emotes} />
					)}
					<DeliveryMark item={item} />
				</p>
				{item.delivery === "failed" ? <Refusal {...this.props} /> : null}
				{menuFor === null || item.messageID === null ? null : (
					<MenuButton
						label={`What to do about ${item.userName}`}
						class={styles.rowMenu}
						items={menuFor(item)}
					>
						<Icon name="more" size={18} />
					</MenuButton>
				)}
			</div>
		);
	}
}

function MessageText({ item, emotes }: { item: ChatItem; emotes: ReadonlyMap<string, Emote> }): JSX.Element {
	return (
		<span class={styles.text}>
			{segmentsOf(item.message, item.emotes).map((segment, index) => {
				if (segment.kind === "text") return segment.text;
				const emote = emotes.get(segment.emoteID);
				if (emote === undefined) return segment.code;
				return (
					<img
						key={index}
						class={styles.emote}
						src={emote.imageURL}
						alt={segment.code}
						title={`${segment.code}: ${emote.alt}`}
						width={24}
						height={24}
						decoding="async"
					/>
				);
			})}
		</span>
	);
}

const MARKS = {
	pending: { icon: "clock", label: "Sending" },
	delivered: { icon: "check", label: "Delivered" },
	sent: { icon: "checks", label: "Sent to everyone" },
	failed: { icon: "alert", label: "Not sent" },
} as const;

function DeliveryMark({ item }: { item: ChatItem }): JSX.Element | null {
	if (item.delivery === null) return null;
	const { icon, label } = MARKS[item.delivery];
	return (
		<span class={styles.mark} title={label}>
			<Icon name={icon} size={14} />
			<span class="visually-hidden">{label}</span>
		</span>
	);
}

function Refusal({ item, retry, withdraw }: RowProps): JSX.Element {
	const { clientMsgID } = item;
	return (
		<p class={styles.refusal}>
			{item.refusal ?? "Not sent."}
			{clientMsgID === null ? null : (
				<>
					<button type="button" class={controls.quiet} onClick={() => retry(clientMsgID)}>
						Retry
					</button>
					<button type="button" class={controls.quiet} onClick={() => withdraw(clientMsgID)}>
						Discard
					</button>
				</>
			)}
		</p>
	);
}
