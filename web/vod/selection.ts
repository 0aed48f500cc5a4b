/** What is selected of a list. `anchor`: what was chosen last, where a range begins. */
export interface Selection {
	chosen: ReadonlySet<string>;
	anchor: string | null;
}

export const NOTHING_SELECTED: Selection = { chosen: new Set(), anchor: null };

/** Chooses or leaves one; with `isRange` all from the anchor to it become as it does. `shown`: in the order of the list. */
export function choose(
	{ chosen, anchor }: Selection,
	shown: readonly string[],
	{ id, isRange }: { id: string; isRange: boolean },
): Selection {
	const isChosen = !chosen.has(id);
	const from = isRange && anchor !== null ? shown.indexOf(anchor) : -1;
	const to = shown.indexOf(id);
	const meant = from < 0 ? [id] : shown.slice(Math.min(from, to), Math.max(from, to) + 1);
	const next = new Set(chosen);
	for (const each of meant) {
		if (isChosen) next.add(each);
		else next.delete(each);
	}
	return { chosen: next, anchor: id };
}

/** All that is shown, or nothing if all was. */
export function chooseAll({ chosen }: Selection, shown: readonly string[]): Selection {
	const isAll = shown.every((id) => chosen.has(id));
	return isAll ? NOTHING_SELECTED : { chosen: new Set(shown), anchor: null };
}
