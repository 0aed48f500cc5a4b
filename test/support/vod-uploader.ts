import { createHash } from "node:crypto";
import { register } from "../../protocol/account.ts";
import type { VideoID } from "../../protocol/ids.ts";
import { completeUpload, createUpload, presignChunks, reportChunks } from "../../protocol/upload.ts";
import type { VideoKind } from "../../protocol/vod.ts";
import { PASSWORD } from "./stage.ts";
import { Caller, eventually } from "./system.ts";

/** How long somebody goes on trying while the platform comes and goes. */
const PATIENCE_MS = 60_000;
let count = 0;

/** A small file: one chunk. */
export interface SmallFile {
	name: string;
	kind: VideoKind;
	bytes: Buffer<ArrayBuffer>;
}

/** Somebody who uploads by the API and does not give up while the platform is away. */
export class VodUploader {
	readonly caller: Caller;

	constructor(caller: Caller) {
		this.caller = caller;
	}

	static async register(url: string): Promise<VodUploader> {
		const caller = new Caller(url);
		const { accessToken } = await eventually(
			() =>
				caller.call(register, {
					body: { userName: `uploader_${++count}_${process.pid}`, password: PASSWORD },
				}),
			PATIENCE_MS,
		);
		caller.token = accessToken;
		return new VodUploader(caller);
	}

	/** From the first call to the answer that processing begins, each again until it went through. */
	async send(file: SmallFile): Promise<VideoID> {
		const chunkHash = createHash("sha256").update(file.bytes).digest();
		const body = {
			kind: file.kind,
			filename: file.name,
			size: file.bytes.byteLength,
			contentType: file.kind === "audio" ? "audio/mpeg" : "video/mp4",
			fingerprint: `sha-256:${createHash("sha256").update(chunkHash).digest("hex")}`,
		};
		return eventually(async () => {
			const { uploadID, assetID, have } = await this.caller.call(createUpload, { body });
			// It is complete, and only the answer was lost.
			if (uploadID === null) return assetID;
			const params = { uploadID };
			if (!have.includes(0)) {
				const { items } = await this.caller.call(presignChunks, { params, body: { indexes: [0] } });
				const put = await fetch(items[0]?.url ?? "", { method: "PUT", body: file.bytes });
				if (!put.ok) throw new Error(`the chunk was answered with ${put.status}`);
				const chunk = {
					index: 0,
					chunkStatus: "UPLOADED" as const,
					etag: put.headers.get("etag") ?? "",
					fingerprint: chunkHash.toString("hex"),
				};
				await this.caller.call(reportChunks, { params, body: { chunks: [chunk] } });
			}
			await this.caller.call(completeUpload, { params, body: { chunks: [] } });
			return assetID;
		}, PATIENCE_MS);
	}
}
