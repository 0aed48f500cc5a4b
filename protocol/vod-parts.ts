import * as z from "zod";

/**
 * Large objects of a job go up in parts, since Cloudflare's edge takes no request of more than 100 MB on its smallest plan
 * (developers.cloudflare.com/workers/platform/limits, "Request limits"). All below `{objects}/{key}` of the job, with its token:
 *
 * - `POST` begins: 201 `BegunParts`. What is begun and never completed is gone after a week (R2).
 * - `PUT ?uploadID=&part=` stores part 1, 2, …: 200 `StoredPart`. The same part again replaces the former.
 * - `POST ?uploadID=` with `CompleteParts` puts them together: 204, also if that was done before.
 * - `DELETE ?uploadID=` gives up: 204, also if there is nothing to give up.
 */
export const PART_LIMITS = {
	/** All parts but the last are as long; R2 wants at least 5 MiB. */
	partBytes: 16 * 1024 ** 2,
	/** No request may be longer; up to this an object may go in one `PUT`. */
	maxBytes: 32 * 1024 ** 2,
	/** R2's. */
	maxParts: 10_000,
} as const;

const MultipartID = z.string().min(1).max(2048);

export const BegunParts = z.object({ uploadID: MultipartID });

export const PartQuery = z.object({
	uploadID: MultipartID,
	part: z.coerce.number().int().min(1).max(PART_LIMITS.maxParts),
});

export const PartsQuery = PartQuery.pick({ uploadID: true });

export const StoredPart = z.object({ etag: z.string().min(1).max(200) });
export type StoredPart = z.infer<typeof StoredPart>;

/** ETags of all parts, from the first on; `sizeBytes`: of the whole. */
export const CompleteParts = z.object({
	etags: z.array(StoredPart.shape.etag).min(1).max(PART_LIMITS.maxParts),
	sizeBytes: z.int().min(1),
});
export type CompleteParts = z.infer<typeof CompleteParts>;
