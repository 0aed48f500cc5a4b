/** Something that people who do not look at the screen want to hear of. */
export interface CallEvent {
	kind: "joined" | "left" | "hand" | "share" | "share-end" | "waiting" | "muted-by";
	name: string;
}

/** More names than this are a number. */
const MOST_NAMES = 3;

const VERBS: Record<CallEvent["kind"], { one: string; many: string }> = {
	joined: { one: "joined", many: "joined" },
	left: { one: "left", many: "left" },
	hand: { one: "raised a hand", many: "raised their hands" },
	share: { one: "shares a screen", many: "share their screens" },
	"share-end": { one: "stopped sharing", many: "stopped sharing" },
	waiting: { one: "asks to be let in", many: "ask to be let in" },
	"muted-by": { one: "muted you", many: "muted you" },
};

/** One sentence for everything that happened since the last one. Somebody who came and went meanwhile is not worth a word. */
export function announce(events: readonly CallEvent[]): string {
	const worth = withoutPassersBy(events);
	const kinds = [...new Set(worth.map((event) => event.kind))];
	return kinds
		.map((kind) => {
			const names = [...new Set(worth.filter((event) => event.kind === kind).map((event) => event.name))];
			return `${listNames(names)} ${names.length === 1 ? VERBS[kind].one : VERBS[kind].many}.`;
		})
		.join(" ");
}

/** `Ada`, `Ada and Bo`, `Ada, Bo and Cy`, `5 people`. */
export function listNames(names: readonly string[]): string {
	if (names.length > MOST_NAMES) return `${names.length} people`;
	const last = names[names.length - 1] ?? "";
	return names.length < 2 ? last : `${names.slice(0, -1).join(", ")} and ${last}`;
}

function withoutPassersBy(events: readonly CallEvent[]): readonly CallEvent[] {
	const came = new Set(events.filter((event) => event.kind === "joined").map((event) => event.name));
	const went = new Set(events.filter((event) => event.kind === "left").map((event) => event.name));
	return events.filter(
		({ kind, name }) => !((kind === "joined" || kind === "left") && came.has(name) && went.has(name)),
	);
}
