import { describe, expect, test } from "vitest";
import { FaultScript, Faults } from "./faults.ts";

function loaded(script: unknown): Faults {
	const faults = new Faults();
	faults.load(FaultScript.parse(script));
	return faults;
}

describe("calls", () => {
	test("without a script nothing happens", () => {
		expect(new Faults().judgeCall("POST", "/v1/apps/x/sessions/new")).toBeNull();
		expect(new Faults().dropsPacket("s", "in")).toBe(false);
	});

	test("a rule concerns its method and path only, as often as it says", () => {
		const faults = loaded({ calls: [{ method: "POST", path: "tracks/new", times: 2, status: 503 }] });

		const verdicts = ["GET", "POST", "POST", "POST"].map((method) =>
			faults.judgeCall(method, "/s/1/tracks/new"),
		);

		expect(verdicts.map((verdict) => verdict?.error?.status)).toEqual([undefined, 503, 503, undefined]);
		expect(faults.judgeCall("POST", "/s/1/renegotiate")).toBeNull();
	});

	test("delays lie within their range", () => {
		const faults = loaded({ seed: 3, calls: [{ latencyMs: { min: 100, max: 200 } }] });

		const delays = Array.from({ length: 200 }, () => faults.judgeCall("GET", "/")?.delayMs ?? -1);

		expect(Math.min(...delays)).toBeGreaterThanOrEqual(100);
		expect(Math.max(...delays)).toBeLessThanOrEqual(200);
		expect(new Set(delays).size).toBeGreaterThan(100);
	});
});

describe("packets", () => {
	test("are lost at about the rate of the rule, the same ones for the same seed", () => {
		const run = () => {
			const faults = loaded({ seed: 42, packets: [{ direction: "in", lossRate: 0.1 }] });
			return Array.from({ length: 5000 }, () => faults.dropsPacket("s", "in"));
		};

		const lost = run();

		expect(lost.filter(Boolean).length / 5000).toBeCloseTo(0.1, 1);
		expect(run()).toEqual(lost);
	});

	test("only of the session and direction of the rule", () => {
		const faults = loaded({ packets: [{ sessionID: "one", direction: "out", lossRate: 1 }] });

		expect(faults.dropsPacket("one", "out")).toBe(true);
		expect(faults.dropsPacket("one", "in")).toBe(false);
		expect(faults.dropsPacket("two", "out")).toBe(false);
	});
});
