import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { CompleteParts, PART_LIMITS } from "../../protocol/vod-parts.ts";
import { JobOver } from "./failure.ts";
import { ObjectClient, RefusedRequest } from "./object-client.ts";

const { partBytes } = PART_LIMITS;

let store: Store;
let folder: string;
let client: ObjectClient;

beforeEach(async () => {
	store = await Store.open();
	folder = await mkdtemp(join(tmpdir(), "object-client-"));
	const job = { objects: `${store.origin}/objects`, reports: `${store.origin}/reports`, token: "t" };
	client = new ObjectClient(job, new AbortController().signal);
});

afterEach(async () => {
	await store[Symbol.asyncDispose]();
	await rm(folder, { recursive: true, force: true });
});

test("a small file goes in one request", async () => {
	const bytes = await send(1000);

	expect(store.object()?.equals(bytes)).toBe(true);
	expect(store.requests).toEqual(["PUT"]);
});

test("a large file goes in equal parts and a rest, none larger than a request may be", async () => {
	const bytes = await send(2 * partBytes + 10);

	expect(store.object()?.equals(bytes)).toBe(true);
	expect(store.partSizes()).toEqual([partBytes, partBytes, 10]);
	expect(store.contentType).toBe("video/mp4");
	expect(store.requests.toSorted()).toEqual(["POST", "POST complete", "PUT 1", "PUT 2", "PUT 3"]);
});

test("a file of exactly so many parts has no empty one", async () => {
	await send(2 * partBytes);

	expect(store.partSizes()).toEqual([partBytes, partBytes]);
});

test("a large segment goes in parts, too", async () => {
	const bytes = new Uint8Array(partBytes + 1).fill(7);
	await client.write("object", bytes, "video/mp4");

	expect(store.partSizes()).toEqual([partBytes, 1]);
	expect(store.object()?.equals(bytes)).toBe(true);
});

test("requests that fail on the way are repeated, and parts that came twice count once", async () => {
	const failed = new Set<string>();
	store.interfere = (step) => {
		// Each fails once: half of them before they are heard, half after.
		if (failed.has(step)) return null;
		failed.add(step);
		return failed.size % 2 === 0 ? "lost answer" : 503;
	};

	const bytes = await send(2 * partBytes + 10);

	expect(store.object()?.equals(bytes)).toBe(true);
	expect(store.requests.filter((step) => step === "PUT 2")).toHaveLength(2);
});

test("an attempt that is superseded stops, and nothing is left of what it had begun", async () => {
	store.interfere = (step) => (step === "PUT 2" ? 409 : null);

	await expect(send(2 * partBytes + 10)).rejects.toBeInstanceOf(JobOver);

	expect(store.object()).toBeUndefined();
	expect(store.uploads.size).toBe(0);
});

test("parts that the store does not want are not sent again and again", async () => {
	store.interfere = (step) => (step === "POST complete" ? 422 : null);

	await expect(send(partBytes + 1)).rejects.toBeInstanceOf(RefusedRequest);

	expect(store.requests.filter((step) => step === "POST complete")).toHaveLength(1);
});

/** Sends a file of so many bytes that differ. */
async function send(size: number): Promise<Buffer> {
	const bytes = Buffer.alloc(size);
	for (let at = 0; at < size; at += 4096) bytes.writeUInt32LE(at, Math.min(at, size - 4));
	const path = join(folder, "file");
	await writeFile(path, bytes);
	await client.writeFile("object", path, { contentType: "video/mp4" });
	return bytes;
}

/** The Worker as far as objects go. */
class Store implements AsyncDisposable {
	readonly requests: string[] = [];
	readonly uploads = new Map<string, Map<number, Buffer>>();
	origin = "";
	contentType = "";
	/** What to answer to a step instead, by status; or to do it and lose the answer. */
	interfere: (step: string) => number | "lost answer" | null = () => null;
	readonly #server = createServer((request, response) => void this.#answer(request, response));
	#object: Buffer | undefined;
	#parts: Buffer[] = [];

	static async open(): Promise<Store> {
		const store = new Store();
		await new Promise<void>((resolve) => store.#server.listen(0, "127.0.0.1", resolve));
		const address = store.#server.address();
		store.origin = `http://127.0.0.1:${typeof address === "object" && address !== null ? address.port : 0}`;
		return store;
	}

	object(): Buffer | undefined {
		return this.#object;
	}

	partSizes(): number[] {
		return this.#parts.map((part) => part.length);
	}

	async [Symbol.asyncDispose](): Promise<void> {
		this.#server.closeAllConnections();
		await new Promise((resolve) => this.#server.close(resolve));
	}

	async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
		const chunks: Buffer[] = [];
		for await (const chunk of request) chunks.push(Buffer.from(chunk));
		const body = Buffer.concat(chunks);
		const { searchParams } = new URL(request.url ?? "", this.origin);
		const uploadID = searchParams.get("uploadID");
		const step = [
			request.method,
			searchParams.get("part"),
			uploadID && request.method === "POST" && "complete",
		]
			.filter(Boolean)
			.join(" ");
		this.requests.push(step);
		const instead = this.interfere(step);
		if (typeof instead === "number") {
			response.writeHead(instead).end("{}");
			return;
		}
		const answer = this.#perform(request, body, { uploadID, part: Number(searchParams.get("part")) });
		if (instead === "lost answer") request.socket.destroy();
		else response.writeHead(answer === undefined ? 204 : 200).end(answer && JSON.stringify(answer));
	}

	#perform(request: IncomingMessage, body: Buffer, at: { uploadID: string | null; part: number }): unknown {
		const parts = this.uploads.get(at.uploadID ?? "");
		if (request.method === "DELETE") this.uploads.delete(at.uploadID ?? "");
		else if (request.method === "POST" && at.uploadID === null) return this.#begin(request);
		else if (request.method === "POST") this.#complete(CompleteParts.parse(JSON.parse(body.toString())), at);
		else if (at.uploadID === null) this.#object = body;
		else {
			parts?.set(at.part, body);
			return { etag: `etag-${at.part}` };
		}
		return undefined;
	}

	#begin(request: IncomingMessage) {
		this.contentType = request.headers["content-type"] ?? "";
		const uploadID = `upload/${this.uploads.size}+`;
		this.uploads.set(uploadID, new Map());
		return { uploadID };
	}

	/** Done before, it stays as it is. */
	#complete({ etags, sizeBytes }: CompleteParts, { uploadID }: { uploadID: string | null }): void {
		const parts = this.uploads.get(uploadID ?? "");
		if (!parts) return;
		this.#parts = etags.map((etag) => parts.get(Number(etag.slice(5))) ?? Buffer.alloc(0));
		const whole = Buffer.concat(this.#parts);
		if (whole.length === sizeBytes) this.#object = whole;
		this.uploads.delete(uploadID ?? "");
	}
}
