import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import { session } from "../account/session.ts";

/** Where incoming calls appear. What it takes to ring is loaded only for those who can be rung. */
export function RingingSlot(): JSX.Element | null {
	const isIn = session.value.kind === "signed-in";
	const [held, hold] = useState<{ Dialog: () => JSX.Element } | null>(null);
	useEffect(() => {
		if (!isIn || held !== null) return;
		void Promise.all([import("./ringing-dialog.tsx"), import("./notifications.ts")]).then(
			([{ RingingDialog }, { startNotifications }]) => {
				startNotifications();
				hold({ Dialog: RingingDialog });
			},
		);
	}, [isIn, held]);
	return held === null ? null : <held.Dialog />;
}
