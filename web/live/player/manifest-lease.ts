import type { Manifests } from "../../../protocol/live.ts";
import { pause, reconnectDelayMs } from "../../shell/backoff.ts";
import { renewalDelayMs, resign } from "./signed-url.ts";

/** A stream that has begun but has no segment yet is asked again after this long, ms. */
const POLL_MS = 1000;

/** Holds signed manifest addresses and renews them before they expire, so that a request never leaves with a dead signature. */
export class ManifestLease {
	readonly #load: (signal: AbortSignal) => Promise<Manifests>;
	readonly #lifetime = new AbortController();
	#manifests: Manifests | null = null;
	#timer: ReturnType<typeof setTimeout> | null = null;

	constructor(load: (signal: AbortSignal) => Promise<Manifests>) {
		this.#load = load;
	}

	/** The address of the primary playlist, once there is one. `onWaiting` is called each time there is none yet. */
	async playlist(onWaiting: () => void): Promise<string> {
		for (;;) {
			const { hls } = await this.renew();
			if (hls !== null) return hls;
			onWaiting();
			await pause(POLL_MS, this.#lifetime.signal);
		}
	}

	/** Fetches new addresses now. Rejects with what the loader rejects with. */
	async renew(): Promise<Manifests> {
		const manifests = await this.#load(this.#lifetime.signal);
		this.#lifetime.signal.throwIfAborted();
		this.#manifests = manifests;
		this.#schedule(renewalDelayMs(Date.parse(manifests.expiresAt), Date.now()), 0);
		return manifests;
	}

	/** `url` with the newest signature. */
	sign(url: string): string {
		const signed = this.#manifests?.hls;
		return signed === undefined || signed === null ? url : resign(url, signed, window.location.href);
	}

	/** Ends the lease; what is under way is called off. */
	close(): void {
		this.#lifetime.abort();
		if (this.#timer !== null) clearTimeout(this.#timer);
	}

	#schedule(delayMs: number, attempt: number): void {
		if (this.#timer !== null) clearTimeout(this.#timer);
		this.#timer = setTimeout(() => {
			this.renew().catch(() => {
				// The old signature holds for a while yet, and a refused request asks for a new one too.
				if (!this.#lifetime.signal.aborted) this.#schedule(reconnectDelayMs(attempt), attempt + 1);
			});
		}, delayMs);
	}
}
