/** The address that lets people in. */
export function callLink(code: string): string {
	return new URL(`/meet/${code}`, window.location.href).href;
}

/** The code in what somebody typed or pasted: a whole link, the code, or the code without dashes. Null if there is none. */
export function codeIn(text: string): string | null {
	const letters = /(?:^|\/)([a-z]{3})-?([a-z]{4})-?([a-z]{3})(?:[/?#]|$)/.exec(text.trim().toLowerCase());
	return letters === null ? null : `${letters[1]}-${letters[2]}-${letters[3]}`;
}
