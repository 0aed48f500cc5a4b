import { createHash, createHmac } from "node:crypto";

/** The bucket's name, and the keys of its S3 endpoint on this machine: wrangler.toml. */
const NAME = "rostrum-media";
const ACCESS_KEY_ID = "local";
const SECRET_ACCESS_KEY = "local-only-not-a-secret";
const REGION = "auto";
const EMPTY_SHA256 = createHash("sha256").digest("hex");

/** What lies in a system's bucket, seen past the Worker. */
export class Bucket {
	readonly #url: URL;

	constructor(systemURL: string) {
		this.#url = new URL(systemURL);
	}

	/** All objects below a prefix: their bytes by the rest of their key. */
	async read(prefix: string): Promise<Map<string, Buffer>> {
		const objects = new Map<string, Buffer>();
		for (const key of await this.#list(prefix)) {
			const reply = await fetch(`${this.#url.origin}/cdn-cgi/local/r2/public/${NAME}/${key}`);
			if (!reply.ok) throw new Error(`${key}: ${reply.status}`);
			objects.set(key.slice(prefix.length), Buffer.from(await reply.arrayBuffer()));
		}
		return objects;
	}

	/** ListObjectsV2: https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjectsV2.html */
	async #list(prefix: string): Promise<string[]> {
		const query = `list-type=2&prefix=${encodeURIComponent(prefix)}`;
		const path = `/cdn-cgi/local/r2/s3/${NAME}`;
		const headers = this.#sign(path, query, new Date());
		const reply = await fetch(`${this.#url.origin}${path}?${query}`, { headers });
		const text = await reply.text();
		if (!reply.ok || text.includes("<IsTruncated>true")) throw new Error(`${reply.status} ${text}`);
		return [...text.matchAll(/<Key>([^<]+)<\/Key>/g)].flatMap(([, key]) => key ?? []);
	}

	/** AWS Signature Version 4 in headers: https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html */
	#sign(path: string, query: string, now: Date): Record<string, string> {
		const time = now.toISOString().replace(/[-:]|\.\d{3}/g, "");
		const scope = `${time.slice(0, 8)}/${REGION}/s3/aws4_request`;
		const headers = { host: this.#url.host, "x-amz-content-sha256": EMPTY_SHA256, "x-amz-date": time };
		const names = Object.keys(headers).join(";");
		const lines = Object.entries(headers).map(([name, value]) => `${name}:${value}\n`);
		const request = ["GET", path, query, lines.join(""), names, EMPTY_SHA256].join("\n");
		const digest = createHash("sha256").update(request).digest("hex");
		const key = scope.split("/").reduce(hmac, Buffer.from(`AWS4${SECRET_ACCESS_KEY}`));
		const signature = hmac(key, `AWS4-HMAC-SHA256\n${time}\n${scope}\n${digest}`).toString("hex");
		return {
			...headers,
			authorization: `AWS4-HMAC-SHA256 Credential=${ACCESS_KEY_ID}/${scope}, SignedHeaders=${names}, Signature=${signature}`,
		};
	}
}

function hmac(key: Buffer, text: string): Buffer {
	return createHmac("sha256", key).update(text).digest();
}
