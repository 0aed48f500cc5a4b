import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { useLocation } from "preact-iso";
import type { CallKind } from "../../protocol/call.ts";
import { UserID } from "../../protocol/ids.ts";
import controls from "../shell/controls.module.css";
import { Icon } from "../shell/icons.tsx";
import { ring } from "./ring.ts";

/** Rings the same person once more. */
export function CallAgain({ userID, kind }: { userID: string; kind: CallKind }): JSX.Element | null {
	const { route } = useLocation();
	const [isBusy, setBusy] = useState(false);
	const callee = UserID.safeParse(userID);
	if (!callee.success) return null;
	async function again(): Promise<void> {
		setBusy(true);
		await ring(UserID.parse(userID), kind, route);
		setBusy(false);
	}
	return (
		<button
			type="button"
			class={`${controls.primary} ${controls.large}`}
			disabled={isBusy}
			onClick={() => void again()}
		>
			<Icon name={kind === "video" ? "camera" : "phone"} />
			Call again
		</button>
	);
}
