import type { JSX } from "preact";
import { useRef, useState } from "preact/hooks";
import { putPoster, type Video } from "../../protocol/vod.ts";
import type { RostrumPlayer } from "../live/player/player-element.tsx";
import { call } from "../shell/api.ts";
import controls from "../shell/controls.module.css";
import { describeFailure } from "../shell/failure.ts";
import { Icon } from "../shell/icons.tsx";
import { isOnline } from "../shell/online.ts";
import { notify } from "../shell/toasts.tsx";
import styles from "./details.module.css";

const LARGEST_WIDTH = 1280;
const JPEG_QUALITY = 0.88;
const MOST_BYTES = 2 * 1024 * 1024;

/** Replaces the picture that stands for a work: by the frame that the preview shows, or by a picture of one's own. */
export function PosterEditor({
	video,
	player,
	onSaved,
}: {
	video: Video;
	player: RostrumPlayer | null;
	onSaved: (video: Video) => void;
}): JSX.Element {
	const [isBusy, setBusy] = useState(false);
	const input = useRef<HTMLInputElement>(null);
	const hasFrame = player !== null && player.model.height.value > 0;
	async function send(make: () => Promise<Blob>): Promise<void> {
		setBusy(true);
		try {
			const content = await make();
			onSaved(await call(putPoster, { params: { videoID: video.videoID } }, { content }));
			notify("That is its picture now");
		} catch (error) {
			notify(describeFailure(error, isOnline.value).whatHappened, "bad");
		} finally {
			setBusy(false);
		}
	}
	return (
		<section class={styles.box} aria-labelledby="poster">
			<h2 id="poster" class={styles.boxTitle}>
				Picture
			</h2>
			<div class={styles.posterActions}>
				{video.kind === "video" ? (
					<button
						type="button"
						class={controls.button}
						disabled={!hasFrame || isBusy}
						onClick={() => void send(() => frameOf(player?.video ?? null))}
					>
						<Icon name="camera" size={16} />
						Take the frame shown
					</button>
				) : null}
				<button
					type="button"
					class={controls.button}
					disabled={isBusy}
					onClick={() => input.current?.click()}
				>
					<Icon name="upload" size={16} />
					Upload a picture
				</button>
			</div>
			{video.kind === "video" && !hasFrame ? (
				<p class={controls.hint}>Play the preview and stop it where the picture is best.</p>
			) : null}
			<input
				ref={input}
				type="file"
				hidden
				accept="image/*"
				aria-label="Picture"
				data-testid="poster-input"
				onChange={(event) => {
					const file = event.currentTarget.files?.[0];
					event.currentTarget.value = "";
					if (file !== undefined) void send(() => shrink(file));
				}}
			/>
		</section>
	);
}

async function frameOf(video: HTMLVideoElement | null): Promise<Blob> {
	if (video === null || video.videoWidth === 0) throw new Error("There is no frame to take");
	return await toJpeg(video, video.videoWidth, video.videoHeight);
}

/** Any picture that the browser can read, as a JPEG of moderate size. */
async function shrink(file: File): Promise<Blob> {
	const picture = await createImageBitmap(file).catch((error: unknown) => {
		throw new Error(`${file.name} is no picture that this browser can read.`, { cause: error });
	});
	return await toJpeg(picture, picture.width, picture.height);
}

async function toJpeg(source: CanvasImageSource, width: number, height: number): Promise<Blob> {
	const scale = Math.min(1, LARGEST_WIDTH / width);
	const canvas = document.createElement("canvas");
	canvas.width = Math.max(1, Math.round(width * scale));
	canvas.height = Math.max(1, Math.round(height * scale));
	canvas.getContext("2d")?.drawImage(source, 0, 0, canvas.width, canvas.height);
	const blob = await new Promise<Blob | null>((resolve) =>
		canvas.toBlob(resolve, "image/jpeg", JPEG_QUALITY),
	);
	if (blob === null || blob.size > MOST_BYTES) throw new Error("The picture cannot be made small enough.");
	return blob;
}
