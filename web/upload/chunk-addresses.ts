import type { EndpointReply } from "../../protocol/endpoint.ts";
import type { UploadID } from "../../protocol/ids.ts";
import { presignChunks } from "../../protocol/upload.ts";
import { call } from "../shell/api.ts";
import { serverClock } from "../shell/server-clock.ts";

type Address = EndpointReply<typeof presignChunks>["items"][number];

/** Asked for together. */
const BATCH = 16;
/** An address that ends so soon would end on the way, ms. */
const LEAST_LIFE_MS = 60_000;

/** Signed addresses to send chunks to: fetched ahead, a few at a time, and anew before they expire. */
export class ChunkAddresses {
	readonly #uploadID: UploadID;
	readonly #upcoming: (most: number) => number[];
	readonly #known = new Map<number, Address>();
	#asking: Promise<void> | null = null;

	/** `upcoming`: which chunks will go next. */
	constructor(uploadID: UploadID, upcoming: (most: number) => number[]) {
		this.#uploadID = uploadID;
		this.#upcoming = upcoming;
	}

	/** The address of a chunk. Ends in what `call` ends in. */
	async of(index: number, signal: AbortSignal): Promise<Address> {
		for (let turn = 0; turn < 3; turn += 1) {
			const address = this.#known.get(index);
			if (address !== undefined && this.#isFresh(address)) return address;
			this.#asking ??= this.#ask(index, signal).finally(() => {
				this.#asking = null;
			});
			await this.#asking;
		}
		throw new Error(`The server gave no address for chunk ${index}`);
	}

	/** The store refused it: it is not used again. */
	drop(index: number): void {
		this.#known.delete(index);
	}

	async #ask(index: number, signal: AbortSignal): Promise<void> {
		const unknown = this.#upcoming(BATCH).filter((each) => {
			const address = this.#known.get(each);
			return address === undefined || !this.#isFresh(address);
		});
		const indexes = [...new Set([index, ...unknown])].slice(0, BATCH);
		const params = { uploadID: this.#uploadID };
		const { items } = await call(presignChunks, { params, body: { indexes } }, { signal });
		for (const item of items) this.#known.set(item.index, item);
	}

	#isFresh({ expiresAt }: Address): boolean {
		return Date.parse(expiresAt) - serverClock.at(Date.now()) > LEAST_LIFE_MS;
	}
}
