import { X509Certificate } from "node:crypto";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { resolve } from "node:path";
import { createCertificate } from "../../webrtc/certificate.ts";

export type TlsIdentity = { certificateFile: string; privateKeyFile: string };

/**
 * The certificate that TURN over TLS is served with, in PEM files in `directory`: made at the first start, kept as long as it is good, so that
 * whoever has chosen to trust it need not do so again. Nobody has signed it: browsers take it only if they are told to.
 */
export function ensureTlsIdentity(directory: string, now: number): TlsIdentity {
	const identity = {
		certificateFile: resolve(directory, "certificate.pem"),
		privateKeyFile: resolve(directory, "private-key.pem"),
	};
	if (!isGood(identity, now)) {
		const { certificatePem, privateKeyPem } = createCertificate(now);
		writeFileSync(identity.privateKeyFile, privateKeyPem, { mode: 0o600 });
		writeFileSync(identity.certificateFile, certificatePem);
	}
	return identity;
}

const RENEW_BEFORE_MS = 30 * 86_400_000;

function isGood({ certificateFile, privateKeyFile }: TlsIdentity, now: number): boolean {
	if (!existsSync(certificateFile) || !existsSync(privateKeyFile)) return false;
	try {
		const { validTo } = new X509Certificate(readFileSync(certificateFile));
		return new Date(validTo).getTime() - now > RENEW_BEFORE_MS;
	} catch {
		// A file cut short by a crash: a new one takes its place.
		return false;
	}
}
