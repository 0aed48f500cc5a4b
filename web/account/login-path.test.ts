import { expect, test } from "vitest";
import { loginPath, returnPath } from "./login-path.ts";

test("signing in leads back to where one was", () => {
	expect(loginPath("/watch/@ada?t=5")).toBe("/login?next=%2Fwatch%2F%40ada%3Ft%3D5");
	expect(returnPath("/watch/@ada?t=5")).toBe("/watch/@ada?t=5");
});

test("home and the sign-in page itself need no way back", () => {
	expect(loginPath("/")).toBe("/login");
	expect(loginPath("/login?next=%2F")).toBe("/login");
});

test("a link cannot send anybody to another site", () => {
	for (const next of ["https://evil.example/", "//evil.example", "/\\evil.example", "javascript:alert(1)"]) {
		expect(returnPath(next)).toBe("/");
	}
});
