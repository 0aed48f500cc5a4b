import { expect, test } from "vitest";
import { bothDevices, deviceProblem } from "./device-problem.ts";

function failed(name: string, message = ""): Error {
	return Object.assign(new Error(message), { name });
}

test("the five causes are told apart, each with its own way out", () => {
	const problems = [
		deviceProblem(failed("NotAllowedError", "Permission denied"), true),
		deviceProblem(failed("NotAllowedError", "Permission denied by system"), true),
		deviceProblem(failed("NotReadableError", "Could not start video source"), true),
		deviceProblem(failed("NotFoundError"), true),
		deviceProblem(failed("NotAllowedError"), false),
	];

	expect(problems.map((problem) => problem.kind)).toEqual([
		"denied",
		"system",
		"busy",
		"missing",
		"insecure",
	]);
	expect(new Set(problems.map((problem) => problem.fix)).size).toBe(5);
});

test("an unknown cause says what the browser said", () => {
	expect(deviceProblem(failed("WeirdError", "flux"), true).fix).toContain("flux");
	expect(deviceProblem("nonsense", true).kind).toBe("other");
});

test("the words name the device that was asked for", () => {
	const microphone = deviceProblem(failed("NotFoundError"), true, "microphone");
	const camera = deviceProblem(failed("NotReadableError"), true, "camera");

	expect(microphone.title).toBe("No microphone was found");
	expect(camera.title).toBe("Another program is using the camera");
	expect(bothDevices(microphone).title).toBe("No camera or microphone was found");
});

test("a closed question is no refusal, and a device that is gone is no missing one", () => {
	expect(deviceProblem(failed("NotAllowedError", "Permission dismissed"), true).kind).toBe("dismissed");
	expect(deviceProblem(failed("OverconstrainedError"), true).kind).toBe("unfit");
});
