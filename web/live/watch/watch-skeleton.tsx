import type { JSX } from "preact";
import controls from "../../shell/controls.module.css";
import styles from "./watch.module.css";

/** The page's own geometry before anything is known. */
export function WatchSkeleton(): JSX.Element {
	return (
		<section class={styles.layout} aria-busy="true" aria-label="Loading">
			<div class={styles.main}>
				<div class={`${styles.stage} ${controls.skeleton}`} />
				<div class={styles.info}>
					<div class={`${styles.titleBone} ${controls.skeleton}`} />
					<div class={`${styles.lineBone} ${controls.skeleton}`} />
				</div>
			</div>
			<div class={styles.chat} />
		</section>
	);
}
