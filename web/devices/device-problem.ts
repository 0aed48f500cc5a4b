/** Which device was asked for. */
export type AskedDevice = "camera" | "microphone" | "both";

/** Why there is no picture or sound from this device, said so that people can mend it. */
export interface DeviceProblem {
	kind: "denied" | "dismissed" | "system" | "busy" | "missing" | "unfit" | "insecure" | "other";
	title: string;
	fix: string;
	/** The page notices by itself when it is mended. */
	heals: boolean;
}

/** Tells the causes of a failed `getUserMedia` apart. `isSecure`: `window.isSecureContext` and the API is there. */
export function deviceProblem(error: unknown, isSecure: boolean, asked: AskedDevice = "both"): DeviceProblem {
	const { name, message } = named(error);
	const kind = isSecure ? kindOf(name, message) : "insecure";
	return { kind, ...WORDS[kind](asked, message === "" ? name : message) };
}

/** The same trouble with camera and microphone, told once. */
export function bothDevices(problem: DeviceProblem): DeviceProblem {
	const { kind } = problem;
	return kind === "other" ? problem : { kind, ...WORDS[kind]("both", "") };
}

type Kind = DeviceProblem["kind"];

/** Names of errors: https://w3c.github.io/mediacapture-main/#dom-mediadevices-getusermedia, and those of older browsers. */
const KINDS: Record<string, Kind> = {
	SecurityError: "insecure",
	NotFoundError: "missing",
	DevicesNotFoundError: "missing",
	OverconstrainedError: "unfit",
	ConstraintNotSatisfiedError: "unfit",
	NotReadableError: "busy",
	TrackStartError: "busy",
	AbortError: "busy",
};

function kindOf(name: string, message: string): Kind {
	if (name !== "NotAllowedError" && name !== "PermissionDeniedError") return KINDS[name] ?? "other";
	if (/system/i.test(message)) return "system";
	return /dismissed/i.test(message) ? "dismissed" : "denied";
}

const NAMES: Record<AskedDevice, string> = {
	camera: "camera",
	microphone: "microphone",
	both: "camera and microphone",
};

type Words = (asked: AskedDevice, said: string) => Omit<DeviceProblem, "kind">;

const WORDS: Record<Kind, Words> = {
	denied: (asked) => ({
		title: `This site may not use your ${NAMES[asked]}`,
		fix: `Click the icon at the left of the address bar, allow the ${NAMES[asked]}, and come back: this page notices.`,
		heals: true,
	}),
	dismissed: (asked) => ({
		title: `Your browser's question about the ${NAMES[asked]} was closed`,
		fix: "Press the button again and choose Allow.",
		heals: false,
	}),
	system: (asked) => ({
		title: `The system keeps the ${NAMES[asked]} from this browser`,
		fix: `Open the privacy settings of your system, allow this browser to use the ${NAMES[asked]}, then try again.`,
		heals: false,
	}),
	busy: (asked) => ({
		title: `Another program is using the ${asked === "both" ? "camera or microphone" : asked}`,
		fix: "Close other calls and recorders, or choose another device, then try again.",
		heals: false,
	}),
	missing: (asked) => ({
		title: asked === "both" ? "No camera or microphone was found" : `No ${asked} was found`,
		fix: "Plug one in: this page notices.",
		heals: true,
	}),
	unfit: (asked) => ({
		title: `The ${asked === "both" ? "device" : asked} you chose is gone, or cannot do what was asked`,
		fix: "Choose another one in the menu, or set the video quality to Auto.",
		heals: true,
	}),
	insecure: (asked) => ({
		title: `Browsers give out the ${NAMES[asked]} on secure pages only`,
		fix: `Open this site by https:// or on http://127.0.0.1. In a frame, the frame must allow the ${NAMES[asked]}.`,
		heals: false,
	}),
	other: (asked, said) => ({
		title: `The ${asked === "both" ? "camera" : asked} did not start`,
		fix: `The browser says: ${said}. Unplug it, plug it in again, then try again.`,
		heals: true,
	}),
};

function named(error: unknown): { name: string; message: string } {
	return error instanceof Error ? error : { name: "Error", message: String(error) };
}
