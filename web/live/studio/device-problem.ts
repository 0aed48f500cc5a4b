/** Why there is no picture or sound from this device, said so that people can mend it. */
export interface DeviceProblem {
	kind: "denied" | "system" | "busy" | "missing" | "insecure" | "other";
	title: string;
	fix: string;
	/** The page notices by itself when it is mended. */
	heals: boolean;
}

/** Tells the causes of a failed `getUserMedia` apart. `isSecure`: `window.isSecureContext` and the API is there. */
export function deviceProblem(error: unknown, isSecure: boolean): DeviceProblem {
	if (!isSecure) return INSECURE;
	const { name, message } = named(error);
	switch (name) {
		case "NotAllowedError":
		case "PermissionDeniedError":
			return /system/i.test(message) ? SYSTEM : DENIED;
		case "SecurityError":
			return INSECURE;
		case "NotFoundError":
		case "DevicesNotFoundError":
		case "OverconstrainedError":
			return MISSING;
		case "NotReadableError":
		case "TrackStartError":
		case "AbortError":
			return BUSY;
		default:
			return {
				kind: "other",
				title: "The camera did not start",
				fix: `The browser says: ${message === "" ? name : message}. Unplug it, plug it in again, then try again.`,
				heals: true,
			};
	}
}

const DENIED: DeviceProblem = {
	kind: "denied",
	title: "This site may not use your camera and microphone",
	fix: "Click the icon at the left of the address bar, allow camera and microphone, and come back: this page notices.",
	heals: true,
};

const SYSTEM: DeviceProblem = {
	kind: "system",
	title: "The system keeps the camera from this browser",
	fix: "Open the privacy settings of your system, allow this browser to use camera and microphone, then try again.",
	heals: false,
};

const BUSY: DeviceProblem = {
	kind: "busy",
	title: "Another program is using the camera or microphone",
	fix: "Close other calls and recorders, or choose another device below, then try again.",
	heals: false,
};

const MISSING: DeviceProblem = {
	kind: "missing",
	title: "No camera or microphone was found",
	fix: "Plug one in: this page notices. Or share your screen instead.",
	heals: true,
};

const INSECURE: DeviceProblem = {
	kind: "insecure",
	title: "Browsers give out cameras on secure pages only",
	fix: "Open this site by https:// or on http://127.0.0.1. In a frame, the frame must allow camera and microphone.",
	heals: false,
};

function named(error: unknown): { name: string; message: string } {
	return error instanceof Error ? error : { name: "Error", message: String(error) };
}
