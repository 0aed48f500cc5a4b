import { expect, test } from "vitest";
import { networkOf } from "./network-of.ts";

test.each([
	["192.0.2.7", "192.0.2.7"],
	["2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"],
	["2001:0DB8:0001:0002::7", "2001:db8:1:2::/64"],
	["2001:db8::7", "2001:db8:0:0::/64"],
	["::1", "0:0:0:0::/64"],
	["local", "local"],
])("the network of %s is %s", (address, network) => {
	expect(networkOf(address)).toBe(network);
});

test("two addresses of one household are one network, those of two are two", () => {
	expect(networkOf("2001:db8:1:2:aaaa::1")).toBe(networkOf("2001:db8:1:2::9"));
	expect(networkOf("2001:db8:1:3::9")).not.toBe(networkOf("2001:db8:1:2::9"));
});

test("nonsense is a name like any other", () => {
	expect(networkOf("1::2::3:4:5:6:7:8:9:a")).toBe("1:0:0:0::/64");
});
