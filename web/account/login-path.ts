/** The sign-in page, set to come back to `url` (path and query of this site). */
export function loginPath(url: string): string {
	return url === "/" || url.startsWith("/login") ? "/login" : `/login?next=${encodeURIComponent(url)}`;
}

/** Where to go after signing in. Only paths of this site: a link must not be able to send people elsewhere. */
export function returnPath(next: string | undefined): string {
	if (next === undefined || !next.startsWith("/") || /^\/[/\\]/.test(next)) return "/";
	return next;
}
