/** The line that a reader looks at, and where it stands in the viewport, px. */
export interface ScrollAnchor {
	key: string;
	top: number;
}

/** The first line in view. */
export function anchorOf(log: HTMLElement): ScrollAnchor | null {
	const logTop = log.getBoundingClientRect().top;
	for (const row of log.querySelectorAll<HTMLElement>("[data-key]")) {
		const { top, bottom } = row.getBoundingClientRect();
		const key = row.dataset.key;
		if (bottom > logTop && key !== undefined) return { key, top: top - logTop };
	}
	return null;
}

/** Scrolls so that the line stands where it stood. (Browsers' own anchoring does not work at the very top, and not in Safari.) */
export function restoreAnchor(log: HTMLElement, anchor: ScrollAnchor | null): void {
	if (anchor === null) return;
	const row = log.querySelector(`[data-key="${CSS.escape(anchor.key)}"]`);
	if (row === null) return;
	const top = row.getBoundingClientRect().top - log.getBoundingClientRect().top;
	if (Math.abs(top - anchor.top) >= 1) log.scrollTop += top - anchor.top;
}

/** How far the end is below the viewport, px. */
export function distanceToEnd(log: HTMLElement): number {
	return log.scrollHeight - log.scrollTop - log.clientHeight;
}
