import { chunkPlan } from "./chunk-plan.ts";
import { fingerprintOf, hex, sha256 } from "./fingerprint.ts";
import { type FingerprintMessage, FingerprintOrder } from "./fingerprint-message.ts";

/** Runs in a Web Worker: reads a file once, and tells its chunks' digests and its fingerprint. */
addEventListener("message", (event: MessageEvent<unknown>) => {
	const { file, chunkBytes } = FingerprintOrder.parse(event.data);
	read(file, chunkBytes).then(tell, (error: unknown) => {
		const { name, message } = error instanceof Error ? error : new Error(String(error));
		tell({ type: "failed", name, message });
	});
});

async function read(file: Blob, chunkBytes: number): Promise<FingerprintMessage> {
	const digests: Uint8Array[] = [];
	for (const { start, end } of chunkPlan(file.size, chunkBytes)) {
		digests.push(await sha256(await file.slice(start, end).arrayBuffer()));
		tell({ type: "read", bytes: end });
	}
	return { type: "done", fingerprint: await fingerprintOf(digests), chunks: digests.map(hex) };
}

function tell(message: FingerprintMessage): void {
	postMessage(message);
}
