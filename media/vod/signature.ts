import { open } from "node:fs/promises";
import { refusedSignature } from "../../domain/streaming/file-signature.ts";
import { SourceFault } from "./failure.ts";

const HEAD_BYTES = 4096;

/** Throws `SourceFault` with a plain word for files that are something well known, but neither video nor audio. */
export async function checkSignature(path: string): Promise<void> {
	const file = await open(path);
	try {
		const head = Buffer.alloc(HEAD_BYTES);
		const { bytesRead } = await file.read(head, 0, HEAD_BYTES, 0);
		const refused = refusedSignature(head.subarray(0, bytesRead));
		if (refused !== null) throw new SourceFault(refused);
	} finally {
		await file.close();
	}
}
