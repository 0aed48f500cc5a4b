import type { Channel } from "../../../protocol/channel.ts";
import type { StreamID } from "../../../protocol/ids.ts";
import { sourceOf } from "../watch/live-source.ts";
import { createEngine } from "./create-engine.ts";

/** Plays a stream silently in a bare video element until `signal` aborts. What goes wrong leaves the element empty. */
export async function playPreview({
	video,
	channel,
	streamID,
	signal,
}: {
	video: HTMLVideoElement;
	channel: Pick<Channel, "channelID" | "name">;
	streamID: StreamID;
	signal: AbortSignal;
}): Promise<void> {
	const source = sourceOf({ channel, stream: { streamID, title: "" }, kind: "live", mode: "normal" });
	video.muted = true;
	const engine = await createEngine("normal", {
		video,
		source,
		events: {
			onMedia: () => {
				video.play().catch(() => {
					// The card was left before the first frame.
				});
			},
			onWaiting: () => undefined,
			onQualities: () => engine.setQuality(0),
			onOver: () => engine.stop(),
			onFailure: () => engine.stop(),
		},
	});
	if (signal.aborted) return;
	signal.addEventListener("abort", () => engine.stop(), { once: true });
	engine.start();
}
