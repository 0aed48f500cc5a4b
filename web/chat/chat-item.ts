import type { ChatMessage } from "../../protocol/chat.ts";
import type { MessageID, UserID } from "../../protocol/ids.ts";

/** Where an own message is: on its way, kept by the server, forwarded to everyone, or refused. Null for the messages of others. */
export type Delivery = "pending" | "delivered" | "sent" | "failed" | null;

/** One line of the chat as it is shown. */
export interface ChatItem {
	/** Stays the same while a message goes from pending to delivered, so that its row is not drawn anew. */
	key: string;
	messageID: MessageID | null;
	/** Null until the server has given one. */
	seq: number | null;
	userID: UserID;
	userName: string;
	message: string;
	emotes: ChatMessage["emotes"];
	/** ms since 1970 */
	sentAt: number;
	delivery: Delivery;
	clientMsgID: string | null;
	/** Why it was refused. */
	refusal: string | null;
	isDeleted: boolean;
}

/** The line for a message from the server. */
export function itemOf(message: ChatMessage): ChatItem {
	return {
		key: message.messageID,
		messageID: message.messageID,
		seq: message.seq,
		userID: message.userID,
		userName: message.userName,
		message: message.message,
		emotes: message.emotes,
		sentAt: Date.parse(message.sentAt),
		delivery: null,
		clientMsgID: null,
		refusal: null,
		isDeleted: false,
	};
}
