import type { Via } from "../../../protocol/signal.ts";

/** One of the ways by which a source of a person could be shown at present. The list has the newest first. */
export interface Candidate {
	key: object;
	via: Via;
	isFlowing: boolean;
}

/**
 * Which one to show. The new way is taken at its first frame and not before; what is shown stays as long as it is there, so that
 * nobody sees black or hears a hole. `goal`: where the edge is, or is moving to. Null if there is nothing.
 */
export function chooseCandidate<C extends Candidate>(
	candidates: readonly C[],
	goal: Via,
	shownKey: object | null,
): C | null {
	const shown = candidates.find(({ key }) => key === shownKey) ?? null;
	const ranked = [...candidates].sort((a, b) => Number(b.via === goal) - Number(a.via === goal));
	const best = ranked.find(({ isFlowing, via }) => isFlowing && via === goal);
	if (best !== undefined) return best;
	if (shown !== null && (shown.isFlowing || !ranked.some(({ isFlowing }) => isFlowing))) return shown;
	return ranked.find(({ isFlowing }) => isFlowing) ?? ranked[0] ?? null;
}
