/** Holds the last picture on a canvas over the video while one engine replaces another, so that a switch is not a flash of black. */
export class FreezeFrame {
	readonly #video: HTMLVideoElement;
	readonly #canvas: HTMLCanvasElement;

	constructor(video: HTMLVideoElement, canvas: HTMLCanvasElement) {
		this.#video = video;
		this.#canvas = canvas;
		canvas.hidden = true;
	}

	/** Takes the picture on screen, if there is one. */
	hold(): void {
		const { videoWidth, videoHeight } = this.#video;
		const context = this.#canvas.getContext("2d");
		if (videoWidth === 0 || context === null || this.#video.readyState < 2) return;
		this.#canvas.width = videoWidth;
		this.#canvas.height = videoHeight;
		context.drawImage(this.#video, 0, 0, videoWidth, videoHeight);
		this.#canvas.hidden = false;
	}

	/** Lets go when the new engine has drawn its first frame. */
	release(): void {
		if (this.#canvas.hidden) return;
		const hide = () => {
			this.#canvas.hidden = true;
		};
		if ("requestVideoFrameCallback" in this.#video) this.#video.requestVideoFrameCallback(hide);
		// A paused or hidden page draws no frame: then the old one must not stay either.
		setTimeout(hide, 600);
	}

	/** Lets go at once. */
	drop(): void {
		this.#canvas.hidden = true;
	}
}
