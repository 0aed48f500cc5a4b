import { toHex } from "./digest.ts";

/** Where a bucket's S3 API is, and who we are there. */
export interface S3Settings {
	/** With the bucket: `https://<account>.r2.cloudflarestorage.com/<bucket>`. */
	bucketURL: string;
	accessKeyID: string;
	secretAccessKey: string;
}

const ALGORITHM = "AWS4-HMAC-SHA256";
/** R2's only region: https://developers.cloudflare.com/r2/api/s3/api/#bucket-region */
const REGION = "auto";

/**
 * Pre-signed addresses of a bucket's objects (AWS Signature Version 4 in the query:
 * https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-query-string-auth.html).
 */
export class S3Signer {
	readonly #settings: S3Settings;

	constructor(settings: S3Settings) {
		this.#settings = settings;
	}

	/**
	 * An address that takes one part of a multipart upload until `expiresSeconds` from `now`, and only one of exactly `sizeBytes`:
	 * the length is signed, and every client sends it.
	 */
	presignPart(part: {
		key: string;
		multipartID: string;
		partNumber: number;
		sizeBytes: number;
		expiresSeconds: number;
		now: number;
	}): Promise<string> {
		return this.#presign(part, {
			query: { partNumber: String(part.partNumber), uploadId: part.multipartID },
			headers: { "content-length": String(part.sizeBytes) },
		});
	}

	async #presign(
		{ key, expiresSeconds, now }: { key: string; expiresSeconds: number; now: number },
		signed: { query: Record<string, string>; headers: Record<string, string> },
	): Promise<string> {
		const { bucketURL, accessKeyID, secretAccessKey } = this.#settings;
		const url = new URL(`${bucketURL}/${key.split("/").map(encode).join("/")}`);
		const time = new Date(now).toISOString().replace(/[-:]|\.\d{3}/g, "");
		const date = time.slice(0, 8);
		const scope = `${date}/${REGION}/s3/aws4_request`;
		const headers: Record<string, string> = { ...signed.headers, host: url.host };
		const names = Object.keys(headers).toSorted();
		const query = canonicalQuery({
			...signed.query,
			"X-Amz-Algorithm": ALGORITHM,
			"X-Amz-Credential": `${accessKeyID}/${scope}`,
			"X-Amz-Date": time,
			"X-Amz-Expires": String(expiresSeconds),
			"X-Amz-SignedHeaders": names.join(";"),
		});
		const request = [
			"PUT",
			url.pathname,
			query,
			...names.map((name) => `${name}:${headers[name]}`),
			"",
			names.join(";"),
			"UNSIGNED-PAYLOAD",
		].join("\n");
		const text = [ALGORITHM, time, scope, await sha256Hex(request)].join("\n");
		let signingKey = encodeText(`AWS4${secretAccessKey}`);
		for (const step of [date, REGION, "s3", "aws4_request"]) signingKey = await hmac(signingKey, step);
		return `${url.origin}${url.pathname}?${query}&X-Amz-Signature=${toHex(await hmac(signingKey, text))}`;
	}
}

function canonicalQuery(values: Record<string, string>): string {
	return Object.entries(values)
		.map(([name, value]) => `${encode(name)}=${encode(value)}`)
		.toSorted()
		.join("&");
}

/** RFC 3986 §2.3: all but unreserved characters. */
function encode(text: string): string {
	return encodeURIComponent(text).replace(
		/[!'()*]/g,
		(sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`,
	);
}

function encodeText(text: string): Uint8Array<ArrayBuffer> {
	return Uint8Array.from(new TextEncoder().encode(text));
}

async function hmac(key: Uint8Array<ArrayBuffer>, text: string): Promise<Uint8Array<ArrayBuffer>> {
	const imported = await crypto.subtle.importKey("raw", key, { name: "HMAC", hash: "SHA-256" }, false, [
		"sign",
	]);
	return new Uint8Array(await crypto.subtle.sign("HMAC", imported, encodeText(text)));
}

async function sha256Hex(text: string): Promise<string> {
	return toHex(new Uint8Array(await crypto.subtle.digest("SHA-256", encodeText(text))));
}
