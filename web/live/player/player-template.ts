import "media-chrome";
import styles from "./player.module.css";

/** The parts of a player that code takes hold of. */
export interface PlayerParts {
	controller: HTMLElement;
	video: HTMLVideoElement;
	freeze: HTMLCanvasElement;
	/** Where Preact draws: over the picture, the LIVE pill, and the buttons at the end of the bar. */
	overlay: HTMLElement;
	/** The scrubber and the bar. */
	controls: HTMLElement;
	range: HTMLElement;
	pill: HTMLElement;
	extras: HTMLElement;
}

/*
 * HTML and not JSX: Preact sets `hidden=""` as a property to false, which opens media-chrome's menus on top of each other.
 */
const MARKUP = `
<media-controller class="${styles.controller}" nohotkeys nomutedpref noautoseektolive autohide="2.5">
	<video slot="media" playsinline crossorigin="anonymous" class="${styles.video}"></video>
	<canvas class="${styles.freeze}" data-part="freeze" aria-hidden="true" hidden></canvas>
	<div class="${styles.overlay}" slot="centered-chrome" noautohide data-part="overlay"></div>
	<div class="${styles.shade}" data-part="controls">
		<media-time-range class="${styles.range}"></media-time-range>
		<media-control-bar class="${styles.bar}">
			<media-play-button></media-play-button>
			<media-mute-button></media-mute-button>
			<media-volume-range class="${styles.volume}"></media-volume-range>
			<div class="${styles.pill}" data-part="pill"></div>
			<media-time-display class="${styles.time}" showduration notoggle></media-time-display>
			<span class="${styles.spacer}"></span>
			<div class="${styles.extras}" data-part="extras"></div>
			<media-pip-button class="${styles.pip}"></media-pip-button>
			<media-fullscreen-button></media-fullscreen-button>
		</media-control-bar>
	</div>
</media-controller>`;

/** Builds a player inside `host`. */
export function buildPlayer(host: HTMLElement): PlayerParts {
	const template = document.createElement("template");
	template.innerHTML = MARKUP;
	host.replaceChildren(template.content.cloneNode(true));
	return {
		controller: find(host, "media-controller", HTMLElement),
		video: find(host, "video", HTMLVideoElement),
		freeze: find(host, "[data-part='freeze']", HTMLCanvasElement),
		overlay: find(host, "[data-part='overlay']", HTMLElement),
		controls: find(host, "[data-part='controls']", HTMLElement),
		range: find(host, "media-time-range", HTMLElement),
		pill: find(host, "[data-part='pill']", HTMLElement),
		extras: find(host, "[data-part='extras']", HTMLElement),
	};
}

function find<T extends Element>(host: HTMLElement, selector: string, type: new () => T): T {
	const found = host.querySelector(selector);
	if (!(found instanceof type)) throw new Error(`The player's template has no ${selector}`);
	return found;
}
