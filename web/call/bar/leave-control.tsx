import type { JSX } from "preact";
import { Icon } from "../../shell/icons.tsx";
import { MenuButton } from "../../shell/menu.tsx";
import { attempt } from "../room/person-menu.ts";
import type { RoomModel } from "../room/room-model.ts";
import styles from "./bar.module.css";
import { BarButton } from "./bar-button.tsx";

/** The way out; for hosts also the end for everybody. */
export function LeaveControl({ room }: { room: RoomModel }): JSX.Element {
	const { call, isHost } = room;
	return (
		<div class={styles.split} data-tone="leave">
			<BarButton
				icon="phoneDown"
				label="Leave the call"
				caption="Leave"
				shortcut="Ctrl+Alt+L"
				tone="leave"
				run={() => call.leave()}
			/>
			{isHost.value ? (
				<MenuButton
					label="More ways to leave"
					class={styles.chevron}
					side="up"
					items={[
						{ label: "Leave", hint: "it goes on", icon: "door", run: () => call.leave() },
						{
							label: "End for everybody",
							icon: "phoneDown",
							tone: "danger",
							run: () => void attempt(call.endForAll(), "The call has ended"),
						},
					]}
				>
					<Icon name="chevronUp" size={16} />
				</MenuButton>
			) : null}
		</div>
	);
}
