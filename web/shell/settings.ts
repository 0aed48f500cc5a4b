/** Keeps a small setting on this device. Storage that is full or switched off costs only the memory of it. */
export function remember(key: string, value: string): void {
	try {
		localStorage.setItem(key, value);
	} catch {
		// The setting holds until the page is closed; nothing better can be done.
	}
}

/** A setting kept by `remember`, or null. */
export function recall(key: string): string | null {
	try {
		return localStorage.getItem(key);
	} catch {
		// Storage is switched off: nothing was kept.
		return null;
	}
}

/** Removes a setting. */
export function forget(key: string): void {
	try {
		localStorage.removeItem(key);
	} catch {
		// Storage is switched off: nothing was kept.
	}
}
