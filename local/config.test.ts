import { expect, test } from "vitest";
import { readConfig } from "./config.ts";

test("an empty environment gives a stand-in on this machine", () => {
	const config = readConfig({});

	expect(config).toMatchObject({
		host: "127.0.0.1",
		httpPort: 8790,
		mediaPort: 8791,
		admin: { token: null },
		limits: { waitMs: 5_000, trackIdleMs: 30_000, unconnectedMs: 30_000, callsPerSecond: 50 },
		usesTransportCc: false,
	});
	expect(config.addresses[0]).toBe("127.0.0.1");
});

test("addresses are a list", () => {
	expect(readConfig({ LOCAL_ADDRESSES: "10.0.0.1,10.0.0.2" }).addresses).toEqual(["10.0.0.1", "10.0.0.2"]);
});

test.each([
	{ LOCAL_REALTIME_PORT: "many" },
	{ LOCAL_MEDIA_PORT: "70000" },
	{ LOCAL_CONGESTION_FEEDBACK: "none" },
])("%j is refused", (environment) => {
	expect(() => readConfig(environment)).toThrow();
});
