import type { JSX } from "preact";
import { Icon } from "./icons.tsx";
import styles from "./offline-bar.module.css";
import { isOnline } from "./online.ts";

/** Says on every page that the network is gone, and only then. */
export function OfflineBar(): JSX.Element {
	return (
		<div role="status">
			{isOnline.value ? null : (
				<p class={styles.bar} data-testid="offline">
					<Icon name="alert" size={16} />
					You are offline. What is on screen stays; we carry on when the network is back.
				</p>
			)}
		</div>
	);
}
