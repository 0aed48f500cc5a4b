import type { JSX } from "preact";
import type { Verdict } from "../engine/call-types.ts";
import styles from "./quality-bars.module.css";
import { VERDICTS } from "./quality-words.ts";

/** Three bars, and the word for those who do not see them or when it matters. */
export function QualityBars({ verdict }: { verdict: Verdict }): JSX.Element {
	const { bars, word } = VERDICTS[verdict];
	const isWorthAWord = verdict === "poor" || verdict === "lost";
	return (
		<span class={styles.quality} data-verdict={verdict} title={`Connection: ${word.toLowerCase()}`}>
			<span class={styles.bars} aria-hidden="true">
				{[1, 2, 3].map((bar) => (
					<span key={bar} data-lit={bar <= bars} />
				))}
			</span>
			<span class={isWorthAWord ? undefined : "visually-hidden"}>{word}</span>
		</span>
	);
}
