import * as z from "zod";
import { completeUpload, createUpload, presignChunks, type Upload } from "../../protocol/upload.ts";
import { type Session, send } from "./client.ts";

const ORIGIN = "http://rostrum.test";
export const CHUNK = 5 * 1024 ** 2;

/** A file that compresses badly: bytes that follow from `seed`. */
export function fileOf(size: number, seed = 1): Uint8Array<ArrayBuffer> {
	const bytes = new Uint8Array(size);
	let state = seed;
	for (let index = 0; index < size; index++) {
		state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
		bytes[index] = state >>> 16;
	}
	return bytes;
}

export function chunksOf(file: Uint8Array<ArrayBuffer>, size = CHUNK): Uint8Array<ArrayBuffer>[] {
	return Array.from({ length: Math.ceil(file.byteLength / size) }, (_, index) =>
		file.slice(index * size, (index + 1) * size),
	);
}

export async function sha256(bytes: Uint8Array<ArrayBuffer>): Promise<Uint8Array<ArrayBuffer>> {
	return new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
}

export function hex(bytes: Uint8Array): string {
	return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** SHA-256 over the SHA-256 of each chunk. */
export async function fingerprintOf(file: Uint8Array<ArrayBuffer>): Promise<string> {
	const digests = await Promise.all(chunksOf(file).map(sha256));
	const joined = new Uint8Array(digests.length * 32);
	for (const [index, digest] of digests.entries()) joined.set(digest, index * 32);
	return `sha-256:${hex(await sha256(joined))}`;
}

export async function beginUpload(owner: Session, file: Uint8Array<ArrayBuffer>, change: object = {}) {
	const reply = await send("POST", "/uploads", {
		token: owner.accessToken,
		body: {
			kind: "video",
			filename: "holiday.mp4",
			size: file.byteLength,
			contentType: "video/mp4",
			fingerprint: await fingerprintOf(file),
			chunkSize: CHUNK,
			...change,
		},
	});
	return { status: reply.status, ...z.parse(createUpload.reply ?? z.never(), await reply.json()) };
}

export async function urlsOf(owner: Session, uploadID: string | null, indexes: number[]): Promise<string[]> {
	const reply = await send("POST", `/uploads/${uploadID}/pre-signed-urls`, {
		token: owner.accessToken,
		body: { indexes },
	});
	return z.parse(presignChunks.reply ?? z.never(), await reply.json()).items.map((item) => item.url);
}

/** PUTs bytes at a pre-signed address of the Worker. */
export function putBytes(url: string, body: Uint8Array<ArrayBuffer>, headers: Record<string, string> = {}) {
	return sendBytes("PUT", url.replace(ORIGIN, ""), body, headers);
}

export function sendBytes(
	method: string,
	path: string,
	body: Uint8Array<ArrayBuffer>,
	headers: Record<string, string> = {},
) {
	return send(method, path, { headers, raw: body });
}

/** Sends these chunks of the file. */
export async function sendChunks(
	owner: Session,
	uploadID: string | null,
	file: Uint8Array<ArrayBuffer>,
	indexes: number[] = chunksOf(file).map((_, index) => index),
): Promise<void> {
	const chunks = chunksOf(file);
	const urls = await urlsOf(owner, uploadID, indexes);
	for (const [position, index] of indexes.entries()) {
		const reply = await putBytes(urls[position] ?? "", chunks[index] ?? new Uint8Array());
		if (!reply.ok) throw new Error(`chunk ${index}: ${await reply.text()}`);
	}
}

export async function viewUpload(owner: Session, uploadID: string | null): Promise<Upload> {
	return (await send("GET", `/uploads/${uploadID}`, { token: owner.accessToken })).json<Upload>();
}

export function complete(owner: Session, uploadID: string | null, body: object = {}) {
	return send("POST", `/uploads/${uploadID}/complete`, { token: owner.accessToken, body });
}

/** A work whose source is there. Returns its videoID. */
export async function uploadWork(
	owner: Session,
	file: Uint8Array<ArrayBuffer>,
	change: object = {},
): Promise<string> {
	const { uploadID } = await beginUpload(owner, file, change);
	await sendChunks(owner, uploadID, file);
	const reply = await complete(owner, uploadID);
	return z.parse(completeUpload.reply ?? z.never(), await reply.json()).assetID;
}
