import * as z from "zod";
import { log } from "../adapters/log.ts";
import { sourceOwner } from "../domain/vod/object-key.ts";
import { VideoID } from "../protocol/ids.ts";

/**
 * "An object is there": what an upload's completion sends, and what R2's event notification looks like
 * (https://developers.cloudflare.com/r2/buckets/event-notifications/#message-format).
 */
const ObjectMessage = z.looseObject({ object: z.looseObject({ key: z.string() }) });

/** A message that failed is repeated after 10 s, then later and later, up to this. */
const MAX_DELAY_SECONDS = 600;

/** Rings for the pipeline of each source that has come. Bells that rang before, or ring for nothing, are harmless. */
export async function consumeVodQueue(batch: MessageBatch, env: Env): Promise<void> {
	for (const message of batch.messages) {
		const videoID = readVideoID(message.body);
		if (videoID === null) {
			log.warn("bell.not-understood", { messageID: message.id });
			message.ack();
			continue;
		}
		try {
			await env.PIPELINE.getByName(videoID).start(videoID, null);
			message.ack();
		} catch (error) {
			log.error("bell.not-answered", error, { videoID, attempts: message.attempts });
			message.retry({ delaySeconds: Math.min(MAX_DELAY_SECONDS, 10 * 2 ** message.attempts) });
		}
	}
}

function readVideoID(body: unknown): VideoID | null {
	const parsed = ObjectMessage.safeParse(body);
	const owner = parsed.success ? VideoID.safeParse(sourceOwner(parsed.data.object.key)) : null;
	return owner?.success ? owner.data : null;
}
