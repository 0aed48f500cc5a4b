import type { Source } from "../../protocol/call.ts";
import type { Forwarding, Subscription } from "../../protocol/call-sfu.ts";
import type { ParticipantID } from "../../protocol/ids.ts";
import type { PublishedTrack } from "../../protocol/signal.ts";

type Layers = PublishedTrack["rids"];

/** The smallest layer that fills `height`, else the largest; null for a track of one layer. `layers` are best first. */
export function chooseLayer(layers: Layers, height: number): string | null {
	const fitting = layers.filter((layer) => layer.height >= height);
	return (fitting.at(-1) ?? layers[0])?.rid ?? null;
}

/**
 * Who wants to see what, and how large (001:68): one row a receiver, in memory only. A row that was lost with the object's nap
 * comes back with the receiver's next wish; until then the SFU goes on as it was told.
 */
export class ForwardingTable {
	readonly #rows = new Map<ParticipantID, Map<string, Subscription>>();

	/** Replaces the receiver's whole row. No layer is larger than the receiver can take. */
	set(receiver: ParticipantID, wishes: readonly Subscription[], maxHeight: number): void {
		this.#rows.set(
			receiver,
			new Map(
				wishes
					.filter((wish) => wish.participantID !== receiver)
					.map((wish) => [
						key(wish.participantID, wish.source),
						{ ...wish, height: Math.min(wish.height, maxHeight) },
					]),
			),
		);
	}

	/** With the member go its row and everybody's wishes for it. */
	drop(participantID: ParticipantID): void {
		this.#rows.delete(participantID);
		for (const row of this.#rows.values()) {
			for (const [name, wish] of row) if (wish.participantID === participantID) row.delete(name);
		}
	}

	wish(receiver: ParticipantID, publisher: ParticipantID, source: Source): Subscription | null {
		return this.#rows.get(receiver)?.get(key(publisher, source)) ?? null;
	}

	/** The row now in force. `layersOf` gives what a publisher has announced, null if nothing. */
	row(
		receiver: ParticipantID,
		layersOf: (publisher: ParticipantID, source: Source) => Layers | null,
	): Forwarding[] {
		return [...(this.#rows.get(receiver)?.values() ?? [])].flatMap((wish) => {
			const layers = layersOf(wish.participantID, wish.source);
			return layers === null
				? []
				: [{ ...wish, rid: wish.height === 0 ? null : chooseLayer(layers, wish.height) }];
		});
	}
}

function key(publisher: ParticipantID, source: Source): string {
	return `${publisher}/${source}`;
}
