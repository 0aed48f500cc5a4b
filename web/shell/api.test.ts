import { describe, expect, test } from "vitest";
import { endpointURL, retryAfterMs } from "./api.ts";

describe("the address of a call", () => {
	test("keeps a handle readable and escapes everything else", () => {
		expect(endpointURL("/channels/:channelID", { params: { channelID: "@ada" } })).toBe("/channels/@ada");
		expect(endpointURL("/channels/:channelID", { params: { channelID: "a/b?" } })).toBe("/channels/a%2Fb%3F");
	});

	test("leaves out what was not given", () => {
		expect(endpointURL("/channels", { query: { live: "true", cursor: undefined, limit: 5 } })).toBe(
			"/channels?live=true&limit=5",
		);
	});

	test("has no question mark without a query", () => {
		expect(endpointURL("/emotes", {})).toBe("/emotes");
	});
});

describe("Retry-After", () => {
	test("counts in seconds", () => {
		expect(retryAfterMs("3")).toBe(3000);
	});

	test("may be a date", () => {
		expect(retryAfterMs("Wed, 21 Oct 2026 07:28:00 GMT", Date.UTC(2026, 9, 21, 7, 27, 58))).toBe(2000);
	});

	test("that cannot be read is as good as none", () => {
		expect(retryAfterMs("soon")).toBeNull();
		expect(retryAfterMs(null)).toBeNull();
	});
});
