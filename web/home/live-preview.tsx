import type { JSX } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import type { Channel } from "../../protocol/channel.ts";
import type { StreamID } from "../../protocol/ids.ts";
import styles from "./cards.module.css";

/** Silent moving picture over a card's art. It is loaded only while it is wanted; until then, and without it, the art stays. */
export function LivePreview({
	channel,
	streamID,
	isWanted,
}: {
	channel: Channel;
	streamID: StreamID;
	isWanted: boolean;
}): JSX.Element | null {
	const video = useRef<HTMLVideoElement>(null);
	const [isMoving, setMoving] = useState(false);
	const { channelID, name } = channel;
	useEffect(() => {
		const element = video.current;
		if (!isWanted || element === null || isFrugal()) return;
		const controller = new AbortController();
		const { signal } = controller;
		element.addEventListener("playing", () => setMoving(true), { signal });
		import("../live/player/preview.ts").then(
			({ playPreview }) => playPreview({ video: element, channel: { channelID, name }, streamID, signal }),
			() => {
				// Only a preview: the card says the same without it.
			},
		);
		return () => {
			controller.abort();
			setMoving(false);
		};
	}, [isWanted, channelID, name, streamID]);
	if (!isWanted) return null;
	return (
		<video
			ref={video}
			class={styles.preview}
			data-moving={isMoving}
			muted
			playsInline
			aria-hidden="true"
			tabIndex={-1}
		/>
	);
}

/** Whether people asked for less motion or less data. */
function isFrugal(): boolean {
	const connection: unknown = "connection" in navigator ? navigator.connection : null;
	const savesData =
		typeof connection === "object" &&
		connection !== null &&
		"saveData" in connection &&
		connection.saveData === true;
	return savesData || matchMedia("(prefers-reduced-motion: reduce)").matches;
}
