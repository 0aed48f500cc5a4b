import { createHash, generateKeyPairSync, randomBytes, sign } from "node:crypto";

/** A self-signed certificate for DTLS, as PEM text, with the fingerprint that goes into SDP. */
export type Certificate = {
	certificatePem: string;
	privateKeyPem: string;
	/** SHA-256 over the DER form, upper-case hex with colons (RFC 8122 §5). */
	fingerprint: string;
};

/**
 * Makes a P-256 key and a certificate for it. WebRTC peers check the fingerprint only, so name and chain carry no meaning (RFC 8827 §6.5).
 * Takes about a millisecond; make one per process and use it for all transports.
 */
export function createCertificate(now: number, validDays = 365): Certificate {
	const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
	const toBeSigned = sequence(
		tagged(0xa0, integer(Buffer.from([2]))),
		integer(randomBytes(16)),
		ECDSA_WITH_SHA256,
		COMMON_NAME,
		sequence(time(now - MS_PER_DAY), time(now + validDays * MS_PER_DAY)),
		COMMON_NAME,
		publicKey.export({ type: "spki", format: "der" }),
	);
	const signature = sign("sha256", toBeSigned, privateKey);
	const der = sequence(toBeSigned, ECDSA_WITH_SHA256, bitString(signature));
	return {
		certificatePem: pem("CERTIFICATE", der),
		privateKeyPem: privateKey.export({ type: "pkcs8", format: "pem" }).toString(),
		fingerprint: fingerprintOf(der),
	};
}

/** SHA-256 of DER bytes, written as in `a=fingerprint`. */
export function fingerprintOf(der: Buffer): string {
	const hex = createHash("sha256").update(der).digest("hex").toUpperCase();
	return hex.replace(/..(?!$)/g, "$&:");
}

const MS_PER_DAY = 86_400_000;

/** X.690 §8.1: tag, length, contents. */
function tagged(tag: number, contents: Buffer): Buffer {
	const size = contents.length;
	if (size < 0x80) return Buffer.concat([Buffer.from([tag, size]), contents]);
	if (size < 0x100) return Buffer.concat([Buffer.from([tag, 0x81, size]), contents]);
	return Buffer.concat([Buffer.from([tag, 0x82, size >> 8, size & 0xff]), contents]);
}

function sequence(...parts: Buffer[]): Buffer {
	return tagged(0x30, Buffer.concat(parts));
}

/** A positive INTEGER in its shortest form: no needless leading zeros, one zero if the top bit is set (X.690 §8.3). */
function integer(magnitude: Buffer): Buffer {
	let start = 0;
	while (start < magnitude.length - 1 && magnitude[start] === 0) start += 1;
	const digits = magnitude.subarray(start);
	const isNegative = (digits[0] ?? 0) >= 0x80;
	return tagged(0x02, isNegative ? Buffer.concat([Buffer.from([0]), digits]) : digits);
}

function bitString(bits: Buffer): Buffer {
	return tagged(0x03, Buffer.concat([Buffer.from([0]), bits]));
}

/** RFC 5280 §4.1.2.5: UTCTime until 2049, GeneralizedTime after. */
function time(at: number): Buffer {
	const digits = new Date(at).toISOString().replace(/\.\d+/, "").replace(/[-:T]/g, "");
	if (new Date(at).getUTCFullYear() < 2050) return tagged(0x17, Buffer.from(digits.slice(2)));
	return tagged(0x18, Buffer.from(digits));
}

/** AlgorithmIdentifier ecdsa-with-SHA256, 1.2.840.10045.4.3.2 (RFC 5758 §3.2). */
const ECDSA_WITH_SHA256 = sequence(
	tagged(0x06, Buffer.from([0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x02])),
);

/** Name with a single commonName (2.5.4.3). */
const COMMON_NAME = sequence(
	tagged(0x31, sequence(tagged(0x06, Buffer.from([0x55, 0x04, 0x03])), tagged(0x0c, Buffer.from("webrtc")))),
);

function pem(label: string, der: Buffer): string {
	const lines = der.toString("base64").replace(/.{64}(?!$)/g, "$&\n");
	return `-----BEGIN ${label}-----\n${lines}\n-----END ${label}-----\n`;
}
