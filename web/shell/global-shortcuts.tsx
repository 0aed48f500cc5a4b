import { useMemo } from "preact/hooks";
import { useLocation } from "preact-iso";
import { myChannel } from "../account/session.ts";
import { type Shortcut, useShortcuts } from "./shortcuts.ts";

/** Shortcuts that work on every page. */
export function GlobalShortcuts(): null {
	const { route } = useLocation();
	const list = useMemo<Shortcut[]>(
		() => [
			{ keys: ["g h"], label: "Go home", group: "Everywhere", run: () => route("/") },
			{ keys: ["g l"], label: "Go live", group: "Everywhere", run: () => route("/studio") },
			{ keys: ["g p"], label: "Go to people and calls", group: "Everywhere", run: () => route("/contacts") },
			{
				keys: ["g c"],
				label: "Go to my channel",
				group: "Everywhere",
				run: () => {
					const channel = myChannel.value;
					route(channel === null ? "/studio" : `/@${channel.handle}`);
				},
			},
		],
		[route],
	);
	useShortcuts(list);
	return null;
}
