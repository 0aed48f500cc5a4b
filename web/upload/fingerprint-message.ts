import * as z from "zod";

/** What the worker tells while it reads. */
export const FingerprintMessage = z.discriminatedUnion("type", [
	z.object({ type: z.literal("read"), bytes: z.number() }),
	/** `chunks`: hex SHA-256 of each. */
	z.object({ type: z.literal("done"), fingerprint: z.string(), chunks: z.array(z.string()) }),
	z.object({ type: z.literal("failed"), name: z.string(), message: z.string() }),
]);
export type FingerprintMessage = z.infer<typeof FingerprintMessage>;

/** The one order it takes. */
export const FingerprintOrder = z.object({ file: z.instanceof(Blob), chunkBytes: z.int().positive() });
