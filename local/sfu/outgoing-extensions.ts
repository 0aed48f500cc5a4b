import type { RtpExtension } from "../../webrtc/rtp.ts";
import { ABS_SEND_TIME_URI, MID_URI, writeAbsSendTime } from "./header-extensions.ts";
import type { ForwardedPacket } from "./uptrack.ts";

/** Header extensions of one subscriber's stream: our own in every packet, then what the publisher sent along, under the subscriber's ids. */
export class OutgoingExtensions {
	readonly #ids: ReadonlyMap<string, number>;
	readonly #own: readonly RtpExtension[];
	readonly #sendTime = Buffer.alloc(3);
	/** Of the extension that says when a packet was sent, or null. */
	readonly sendTimeID: number | null;

	constructor(format: { midValue: Buffer; extensionIDs: ReadonlyMap<string, number> }) {
		this.#ids = format.extensionIDs;
		this.sendTimeID = this.#ids.get(ABS_SEND_TIME_URI) ?? null;
		const mid = this.#ids.get(MID_URI);
		this.#own = [
			...(mid === undefined ? [] : [{ id: mid, value: format.midValue }]),
			...(this.sendTimeID === null ? [] : [{ id: this.sendTimeID, value: this.#sendTime }]),
		];
	}

	/** The values are good until the next call. */
	of(packet: ForwardedPacket, now: number): readonly RtpExtension[] {
		writeAbsSendTime(this.#sendTime, now);
		if (packet.extensions.length === 0) return this.#own;
		const extensions = [...this.#own];
		for (const { uri, value } of packet.extensions) {
			const id = this.#ids.get(uri);
			if (id !== undefined) extensions.push({ id, value });
		}
		return extensions;
	}
}
