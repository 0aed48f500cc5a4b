/** What two ends of a direct link tell each other on its data channel, as short texts: it may be lost, and is said again. */
export type LinkMessage =
	| { kind: "probe" | "echo"; number: number }
	/** How high the sender of the message shows the other's videos, pixels; 0: not on screen. */
	| { kind: "wish"; cam: number; screen: number };

/** Larger than any screen. */
const TALLEST = 4320;

export function writeLinkMessage(message: LinkMessage): string {
	switch (message.kind) {
		case "probe":
			return `p${message.number}`;
		case "echo":
			return `e${message.number}`;
		case "wish":
			return `w${message.cam},${message.screen}`;
	}
}

/** Null for what is none; the other end may be anybody's client. */
export function readLinkMessage(data: unknown): LinkMessage | null {
	if (typeof data !== "string") return null;
	const probe = /^([pe])(\d{1,9})$/.exec(data);
	if (probe !== null) return { kind: probe[1] === "p" ? "probe" : "echo", number: Number(probe[2]) };
	const wish = /^w(\d{1,4}),(\d{1,4})$/.exec(data);
	if (wish === null) return null;
	return {
		kind: "wish",
		cam: Math.min(TALLEST, Number(wish[1])),
		screen: Math.min(TALLEST, Number(wish[2])),
	};
}
