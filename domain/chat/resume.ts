import { CHAT_LIMITS, type ChatMessage } from "../../protocol/chat.ts";

/** Beyond this many missed messages a client is told of a gap and reads pages instead. */
export const MAX_RESUMED_MESSAGES = 1000;

export interface Resume {
	resumed: boolean;
	/** For the `welcome` frame: what was missed if that is little, else nothing; the latest for a newcomer. */
	history: ChatMessage[];
	/** Missed messages that follow the welcome in batches, oldest first. */
	batches: ChatMessage[][];
	gap: { from: number; to: number } | null;
}

/**
 * What a socket is sent after its `hello`. `missed`: at most MAX_RESUMED_MESSAGES + 1 messages after
 * `resumeFrom`, oldest first, or null for a newcomer; `latest`: the newest messages, oldest first.
 */
export function planResume(options: {
	resumeFrom: number | undefined;
	missed: ChatMessage[] | null;
	latest: () => ChatMessage[];
	seq: number;
}): Resume {
	const { missed, resumeFrom } = options;
	if (missed === null || resumeFrom === undefined)
		return { resumed: false, history: options.latest(), batches: [], gap: null };
	if (missed.length > MAX_RESUMED_MESSAGES) {
		return {
			resumed: false,
			history: options.latest(),
			batches: [],
			gap: { from: resumeFrom + 1, to: options.seq },
		};
	}
	if (missed.length <= CHAT_LIMITS.historyMessages)
		return { resumed: true, history: missed, batches: [], gap: null };
	const batches: ChatMessage[][] = [];
	for (let from = 0; from < missed.length; from += CHAT_LIMITS.historyMessages) {
		batches.push(missed.slice(from, from + CHAT_LIMITS.historyMessages));
	}
	return { resumed: true, history: [], batches, gap: null };
}
