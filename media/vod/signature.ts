import { refusedSignature } from "../../domain/streaming/file-signature.ts";
import { SourceFault } from "./failure.ts";
import type { LocalSource } from "./source-cache.ts";

const HEAD_BYTES = 4096;

/** Throws `SourceFault` with a plain word for files that are something well known, but neither video nor audio. */
export async function checkSignature(source: LocalSource): Promise<void> {
	const head = await source.read({ from: 0, to: Math.min(HEAD_BYTES, source.sizeBytes) });
	const refused = refusedSignature(head);
	if (refused !== null) throw new SourceFault(refused);
}
