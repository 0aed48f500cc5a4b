import type { JSX } from "preact";
import { useLocation } from "preact-iso";
import { Icon } from "../shell/icons.tsx";
import styles from "./studio-tabs.module.css";

/** The two rooms of the studio. */
export function StudioTabs(): JSX.Element {
	const { path } = useLocation();
	return (
		<nav class={styles.tabs} aria-label="Studio">
			<a class={styles.tab} href="/studio" aria-current={path === "/studio" ? "page" : undefined}>
				<Icon name="broadcast" size={18} />
				Go live
			</a>
			<a
				class={styles.tab}
				href="/studio/library"
				aria-current={path === "/studio/library" ? "page" : undefined}
			>
				<Icon name="film" size={18} />
				Library
			</a>
		</nav>
	);
}
