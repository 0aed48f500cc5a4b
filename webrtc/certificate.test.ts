import { createPrivateKey, X509Certificate } from "node:crypto";
import { expect, test } from "vitest";
import { createCertificate } from "./certificate.ts";

const NOW = Date.UTC(2026, 10, 21);

test("a certificate is valid X.509, signed by its own key, and matches its private key", () => {
	const made = createCertificate(NOW);

	const parsed = new X509Certificate(made.certificatePem);

	expect(parsed.verify(parsed.publicKey)).toBe(true);
	expect(parsed.checkPrivateKey(createPrivateKey(made.privateKeyPem))).toBe(true);
	expect(parsed.subject).toBe("CN=webrtc");
	expect(new Date(parsed.validFrom).getTime()).toBe(NOW - 86_400_000);
	expect(new Date(parsed.validTo).getTime()).toBe(NOW + 365 * 86_400_000);
});

test("the fingerprint is that of the certificate", () => {
	const made = createCertificate(NOW);

	expect(made.fingerprint).toBe(new X509Certificate(made.certificatePem).fingerprint256);
});

test("serial numbers are legal whatever the random bytes are", () => {
	for (let round = 0; round < 50; round += 1) {
		const parsed = new X509Certificate(createCertificate(NOW).certificatePem);

		expect(parsed.serialNumber).toMatch(/^[0-9A-F]{1,32}$/);
	}
});

test("a certificate that outlives 2049 uses the long form of time", () => {
	const parsed = new X509Certificate(createCertificate(NOW, 10_000).certificatePem);

	expect(new Date(parsed.validTo).getTime()).toBe(NOW + 10_000 * 86_400_000);
});
