import type { JSX } from "preact";
import controls from "./controls.module.css";
import styles from "./not-found-page.module.css";
import { usePageTitle } from "./page-title.ts";

/** For addresses that lead nowhere. */
export function NotFoundPage(): JSX.Element {
	usePageTitle("Not found");
	return (
		<div class={styles.page}>
			<p class={styles.code} aria-hidden="true">
				404
			</p>
			<h1>Nothing is broadcast on this address</h1>
			<p class={styles.text}>The link may be old, or have a typing mistake.</p>
			<a class={controls.primary} href="/">
				See who is live
			</a>
		</div>
	);
}
