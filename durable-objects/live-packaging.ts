import type { Config } from "../adapters/config.ts";
import { signJobToken } from "../adapters/job-token.ts";
import { log } from "../adapters/log.ts";
import { MediaProgram } from "../adapters/media-program.ts";
import type { Ingest } from "../domain/live/broadcast.ts";
import type { StreamID } from "../protocol/ids.ts";

/** Segments and parts in seconds: 2 s and 0.5 s give LL-HLS at about 1.8 s glass to glass. */
const SEGMENT_SECONDS = 2;
const PART_SECONDS = 0.5;

/** Hands a broadcast's packaging to one of the media programs. */
export class LivePackaging {
	readonly #config: Config;
	readonly #env: Env;

	constructor(config: Config, env: Env) {
		this.#config = config;
		this.#env = env;
	}

	/** True if no media program is set up: viewers watch by WHEP only. */
	get isAbsent(): boolean {
		return this.#config.mediaURLs.length === 0;
	}

	/** True if a media program took the job. */
	async start(order: {
		streamID: StreamID;
		epoch: number;
		firstSegment: number;
		source: { sessionID: string; tracks: Ingest["tracks"] };
		origin: string;
	}): Promise<boolean> {
		const { streamID, epoch, source } = order;
		try {
			const keys = await this.#env.KEY_RING.getByName("main").keys();
			await this.#program(epoch)?.startLive({
				streamID,
				epoch,
				source: {
					sessionID: source.sessionID,
					tracks: source.tracks.map(({ trackName, kind }) => ({ trackName, kind })),
				},
				output: {
					url: `${this.#config.internalURL ?? order.origin}/internal/live/${streamID}/${epoch}`,
					token: await signJobToken(keys, streamID, epoch),
				},
				firstSegment: order.firstSegment,
				segmentSeconds: SEGMENT_SECONDS,
				partSeconds: PART_SECONDS,
				maxHeight: this.#config.liveMaxHeight,
			});
			return true;
		} catch (error) {
			log.error("packaging.refused", error, { streamID, epoch });
			return false;
		}
	}

	/** Whether the media program that took this epoch still works on it. */
	async isRunning(streamID: StreamID, epoch: number): Promise<boolean> {
		try {
			const job = await this.#program(epoch)?.findLive(streamID);
			return job?.epoch === epoch && (job.state === "starting" || job.state === "running");
		} catch (error) {
			log.error("packaging.unreachable", error, { streamID, epoch });
			return false;
		}
	}

	/** Best effort: a job that is not told sees it when its next part is refused. */
	async stop(streamID: StreamID, epoch: number): Promise<void> {
		try {
			await this.#program(epoch)?.stopLive(streamID);
		} catch (error) {
			log.error("packaging.not-stopped", error, { streamID, epoch });
		}
	}

	/** Another program for each epoch, so that a broken one is not asked twice in a row. */
	#program(epoch: number): MediaProgram | null {
		const { mediaURLs, mediaToken } = this.#config;
		const baseURL = mediaURLs[epoch % Math.max(1, mediaURLs.length)];
		return baseURL === undefined ? null : new MediaProgram({ baseURL, token: mediaToken });
	}
}
