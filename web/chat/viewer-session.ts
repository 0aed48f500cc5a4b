const STORAGE_KEY = "rostrum.viewer-session";

let name: string | null = null;

/** Names this tab for the watcher count: the same over reloads, so that a viewer is counted once. 32 characters of base64url. */
export function viewerSessionID(): string {
	name ??= kept() ?? renameViewerSession();
	return name;
}

/** Takes another name, because another tab has this one. */
export function renameViewerSession(): string {
	const fresh = randomID();
	name = fresh;
	try {
		sessionStorage.setItem(STORAGE_KEY, fresh);
	} catch {
		// Storage is switched off: the name lasts as long as the page.
	}
	return fresh;
}

/** A random name, of `bytes` bytes of chance. */
export function randomID(bytes = 24): string {
	const values = crypto.getRandomValues(new Uint8Array(bytes));
	return btoa(String.fromCharCode(...values))
		.replace(/\+/g, "-")
		.replace(/\//g, "_")
		.replace(/=+$/, "");
}

function kept(): string | null {
	try {
		return sessionStorage.getItem(STORAGE_KEY);
	} catch {
		// Storage is switched off: nothing was kept.
		return null;
	}
}
