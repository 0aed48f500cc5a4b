import type { Simulcast } from "../../protocol/realtime-api.ts";

/** One layer as the choice sees it. */
export type LayerOption = { rid: string; isAvailable: boolean; bitrateBps: number };

/**
 * Which layer a subscriber shall get (https://developers.cloudflare.com/realtime/sfu/simulcast/): the preferred one, or the best.
 * Rids sort best first. If the wanted layer is not being sent, `ridNotAvailable: asciibetical` takes the next worse one that is,
 * else the next better; `none` (the default) stays. A track without rids has one layer, whatever is preferred. If `budgetBps` does not carry it,
 * `priorityOrdering: asciibetical` goes down until it does; `none` sends it regardless. The layer being sent, `currentRid`, is left only if it
 * takes clearly more, another taken only if it takes clearly less. Null: nothing can be sent.
 */
export function chooseLayer(
	options: readonly LayerOption[],
	simulcast: Simulcast | undefined,
	budgetBps: number,
	currentRid?: string,
): string | null {
	const sorted = options.toSorted((a, b) => (a.rid < b.rid ? -1 : 1));
	const [best] = sorted;
	if (best === undefined) return null;
	if (sorted.length === 1 && best.rid === "") return best.rid;
	const wanted = simulcast?.preferredRid ?? best.rid;
	const isWantedAvailable = sorted.some((option) => option.rid === wanted && option.isAvailable);
	if (!isWantedAvailable && simulcast?.ridNotAvailable !== "asciibetical") {
		return sorted.some((option) => option.rid === wanted) ? wanted : null;
	}
	const available = sorted.filter((option) => option.isAvailable);
	const notBetter = available.filter((option) => option.rid >= wanted);
	const start = notBetter[0] ?? available.at(-1);
	if (start === undefined) return null;
	if (simulcast?.priorityOrdering !== "asciibetical") return start.rid;
	const affordable = notBetter.find(({ rid, bitrateBps }) => {
		return bitrateBps <= budgetBps * (rid === currentRid ? 1 + MARGIN : 1 - MARGIN);
	});
	return (affordable ?? notBetter.at(-1) ?? start).rid;
}

/** Measured rates wander; without it layers would change to and fro. */
const MARGIN = 0.1;
