import { recall, remember } from "../shell/settings.ts";

const DEVICE_KEY = "rostrum.device-id";

/** A random name of this browser, 24 hex digits, kept on this device: tells its positions and its views from those of others. */
export function deviceID(): string {
	made ??= recall(DEVICE_KEY);
	if (made !== null && made !== "") return made;
	made = Array.from(crypto.getRandomValues(new Uint8Array(12)), (byte) =>
		byte.toString(16).padStart(2, "0"),
	).join("");
	remember(DEVICE_KEY, made);
	return made;
}

/** Where storage is switched off, the name lasts as long as the page. */
let made: string | null = null;
