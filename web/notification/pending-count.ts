import { signal } from "@preact/signals";

/** How many people want to be this person's contact; the header says so. Kept by `startNotifications`. */
export const pendingCount = signal(0);
