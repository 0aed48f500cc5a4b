import type { JSX } from "preact";
import controls from "../../shell/controls.module.css";
import { Avatar } from "../avatar.tsx";
import styles from "./lobby.module.css";

const MOST_FACES = 5;

/** Who is in the call already. `inside` undefined: not known yet. */
export function WhoInside({
	inside,
}: {
	inside: readonly { userID: string; displayName: string }[] | undefined;
}): JSX.Element {
	if (inside === undefined) return <div class={`${styles.insideBone} ${controls.skeleton}`} />;
	if (inside.length === 0) {
		return <p class={styles.inside}>Nobody is here yet. You are the first.</p>;
	}
	return (
		<div class={styles.inside}>
			<span class={styles.faces}>
				{inside.slice(0, MOST_FACES).map(({ userID, displayName }, index) => (
					<Avatar key={`${userID}${index}`} userID={userID} name={displayName} size={36} />
				))}
			</span>
			<p>{insideWords(inside.map((person) => person.displayName))}</p>
		</div>
	);
}

function insideWords(names: readonly string[]): string {
	const [first = "", second = ""] = names;
	if (names.length === 1) return `${first} is here`;
	if (names.length === 2) return `${first} and ${second} are here`;
	if (names.length === 3) return `${first}, ${second} and ${names[2]} are here`;
	return `${first}, ${second} and ${names.length - 2} others are here`;
}
