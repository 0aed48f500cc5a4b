import { signal } from "@preact/signals";

/** What the browser says about its network. True does not promise that the server can be reached. */
export const isOnline = signal(navigator.onLine);

window.addEventListener("online", () => {
	isOnline.value = true;
});
window.addEventListener("offline", () => {
	isOnline.value = false;
});
