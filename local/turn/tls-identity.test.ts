import { createPrivateKey, X509Certificate } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { afterEach, beforeEach, expect, test } from "vitest";
import { ensureTlsIdentity } from "./tls-identity.ts";

const NOW = Date.UTC(2026, 10, 21);
const DAY_MS = 86_400_000;
let directory: string;

beforeEach(() => {
	directory = mkdtempSync(`${tmpdir()}/rostrum-tls-`);
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

test("the certificate belongs to its key, which only we can read", () => {
	const { certificateFile, privateKeyFile } = ensureTlsIdentity(directory, NOW);

	const certificate = new X509Certificate(readFileSync(certificateFile));
	expect(certificate.checkPrivateKey(createPrivateKey(readFileSync(privateKeyFile)))).toBe(true);
	expect(statSync(privateKeyFile).mode & 0o077).toBe(0);
});

test("the certificate stays the same over restarts, until it nears its end", () => {
	const made = () => readFileSync(ensureTlsIdentity(directory, NOW).certificateFile, "utf8");
	const first = made();

	expect(made()).toBe(first);
	ensureTlsIdentity(directory, NOW + 340 * DAY_MS);
	expect(made()).not.toBe(first);
});

test("a certificate cut short by a crash is made anew", () => {
	const { certificateFile } = ensureTlsIdentity(directory, NOW);
	writeFileSync(certificateFile, readFileSync(certificateFile, "utf8").slice(0, 100));

	ensureTlsIdentity(directory, NOW);

	expect(() => new X509Certificate(readFileSync(certificateFile))).not.toThrow();
});
