import { banUser, unbanUser } from "../../protocol/chat.ts";
import type { ChannelID } from "../../protocol/ids.ts";
import { call } from "../shell/api.ts";
import { describeFailure } from "../shell/failure.ts";
import type { MenuItem } from "../shell/menu.tsx";
import { isOnline } from "../shell/online.ts";
import { notify } from "../shell/toasts.tsx";
import type { ChatItem } from "./chat-item.ts";

const TIMEOUT_SECONDS = 600;

/** What the owner of a channel can do about who wrote a message. */
export function moderationMenu(channelID: ChannelID): (item: ChatItem) => readonly MenuItem[] {
	return (item) => [
		{
			label: "Ban for 10 minutes",
			tone: "danger",
			run: () => void ban(channelID, item, TIMEOUT_SECONDS),
		},
		{ label: "Ban for good", tone: "danger", run: () => void ban(channelID, item, null) },
		{ label: "Lift the ban", run: () => void unban(channelID, item) },
	];
}

async function ban(channelID: ChannelID, item: ChatItem, durationSeconds: number | null): Promise<void> {
	const { userID, userName } = item;
	const body = durationSeconds === null ? {} : { durationSeconds };
	try {
		await call(banUser, { params: { channelID, userID }, body });
		const howLong = durationSeconds === null ? "until you lift it" : "for 10 minutes";
		notify(`${userName} cannot chat ${howLong}`, "plain", {
			label: "Undo",
			run: () => void unban(channelID, item),
		});
	} catch (error) {
		notify(`${userName} was not banned: ${describeFailure(error, isOnline.value).whatHappened}`, "bad");
	}
}

async function unban(channelID: ChannelID, { userID, userName }: ChatItem): Promise<void> {
	try {
		await call(unbanUser, { params: { channelID, userID } });
		notify(`${userName} may chat again`);
	} catch (error) {
		notify(`The ban stays: ${describeFailure(error, isOnline.value).whatHappened}`, "bad");
	}
}
