import type { JSX } from "preact";
import { CAPTION_LOOKS, type CaptionLook, captionStyle, setCaptionLook } from "./caption-style.ts";
import type { RostrumPlayer } from "./player-element.tsx";
import styles from "./player-overlay.module.css";

/** Pages of the settings menu behind the first one. */
export type SettingsPage = "main" | "speed" | "captions" | "looks";

/** Speeds that can be chosen. */
export const RATES: readonly number[] = [0.5, 0.75, 1, 1.25, 1.5, 1.75, 2];

const TITLES: Record<Exclude<SettingsPage, "main">, string> = {
	speed: "Speed",
	captions: "Captions",
	looks: "How captions look",
};
const LOOK_TITLES: Record<CaptionLook, string> = {
	size: "Size",
	colour: "Colour",
	background: "Background",
};

interface Choice {
	value: string;
	label: string;
	isChosen: boolean;
	choose: () => void;
}

/** What leads from the first page to the others. */
export function SubPageItems({
	player,
	open,
}: {
	player: RostrumPlayer;
	open: (page: SettingsPage) => void;
}): JSX.Element {
	const { rate, caption, captions } = player.model;
	const chosen = captions.value.find(({ language }) => language === caption.value);
	return (
		<fieldset class={styles.group} aria-label="Playing">
			<Item label="Speed" about={`${rate.value}×`} run={() => open("speed")} />
			{captions.value.length === 0 ? null : (
				<Item label="Captions" about={chosen?.label ?? "Off"} run={() => open("captions")} />
			)}
		</fieldset>
	);
}

/** One of the pages behind. */
export function SettingsSubPage({
	player,
	page,
	open,
}: {
	player: RostrumPlayer;
	page: Exclude<SettingsPage, "main">;
	open: (page: SettingsPage) => void;
}): JSX.Element {
	const back = page === "looks" ? "captions" : "main";
	return (
		<>
			<Item label={`‹ ${TITLES[page]}`} about="" run={() => open(back)} />
			{page === "speed" ? <Group title="Speed" choices={speeds(player)} /> : null}
			{page === "captions" ? (
				<>
					<Group title="Language" choices={languages(player)} />
					<Item label={TITLES.looks} about="›" run={() => open("looks")} />
				</>
			) : null}
			{page === "looks"
				? (["size", "colour", "background"] as const).map((look) => (
						<Group key={look} title={LOOK_TITLES[look]} choices={looks(look)} />
					))
				: null}
		</>
	);
}

function speeds(player: RostrumPlayer): Choice[] {
	return RATES.map((rate) => ({
		value: String(rate),
		label: rate === 1 ? "Normal" : `${rate}×`,
		isChosen: player.model.rate.value === rate,
		choose: () => player.setRate(rate),
	}));
}

function languages(player: RostrumPlayer): Choice[] {
	const { captions, caption } = player.model;
	const off = {
		value: "",
		label: "Off",
		isChosen: caption.value === null,
		choose: () => player.chooseCaptions(null),
	};
	const listed = captions.value.map(({ language, label }) => ({
		value: language,
		label,
		isChosen: caption.value === language,
		choose: () => player.chooseCaptions(language),
	}));
	return [off, ...listed];
}

function looks(look: CaptionLook): Choice[] {
	return CAPTION_LOOKS[look].map((value) => ({
		value,
		label: value.slice(0, 1).toUpperCase() + value.slice(1),
		isChosen: captionStyle.value[look] === value,
		choose: () => setCaptionLook(look, value),
	}));
}

function Group({ title, choices }: { title: string; choices: readonly Choice[] }): JSX.Element {
	return (
		<fieldset class={styles.group} aria-label={title}>
			<p class={styles.groupTitle} aria-hidden="true">
				{title}
			</p>
			{choices.map(({ value, label, isChosen, choose }) => (
				<button
					key={value}
					type="button"
					role="menuitemradio"
					aria-checked={isChosen}
					tabIndex={-1}
					class={styles.item}
					onClick={choose}
				>
					{label}
				</button>
			))}
		</fieldset>
	);
}

function Item({ label, about, run }: { label: string; about: string; run: () => void }): JSX.Element {
	return (
		<button type="button" role="menuitem" tabIndex={-1} class={styles.item} onClick={run}>
			<span>{label}</span>
			<small>{about}</small>
		</button>
	);
}
