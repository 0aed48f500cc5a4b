import type { ComponentChildren, JSX } from "preact";
import { hueOf } from "../../chat/name-hue.ts";
import { Icon } from "../../shell/icons.tsx";
import { MenuButton, type MenuItem } from "../../shell/menu.tsx";
import { Avatar } from "../avatar.tsx";
import type { Verdict } from "../engine/call-types.ts";
import { SeamlessVideo } from "../seamless-video.tsx";
import type { Region } from "../tile-grid.ts";
import { QualityBars } from "./quality-bars.tsx";
import styles from "./tile.module.css";

export interface TileProps {
	id: string;
	region: Region;
	place: "main" | "strip" | "grid";
	userID: string;
	name: string;
	isSelf: boolean;
	track: MediaStreamTrack | null;
	isScreen: boolean;
	isMirrored: boolean;
	isMuted: boolean;
	isSpeaking: boolean;
	/** Place in the queue of hands, from 1; 0: not raised. */
	handPlace: number;
	/** Null: nothing to tell (oneself). */
	verdict: Verdict | null;
	/** Over the picture: reconnecting, paused. */
	notice: { icon: "retry" | "pause" | "alert"; text: string; isBusy: boolean } | null;
	menu: readonly MenuItem[];
	isPinned: boolean;
	togglePin: () => void;
}

/** One person, or one screen, on the stage. What is not sound or picture is said in its label too. */
export function Tile(props: TileProps): JSX.Element {
	const { id, region, place, name, track, isScreen, isSpeaking } = props;
	return (
		<article
			class={styles.tile}
			data-testid="tile"
			data-tile={id}
			data-place={place}
			data-speaking={isSpeaking}
			data-screen={isScreen}
			data-small={region.height < 110 || region.width < 170}
			aria-label={tileLabel(props)}
			style={{
				"--hue": String(hueOf(props.userID)),
				left: `${region.x}px`,
				top: `${region.y}px`,
				width: `${region.width}px`,
				height: `${region.height}px`,
			}}
			onDblClick={props.togglePin}
		>
			{isScreen ? null : (
				<span class={styles.face}>
					<Avatar userID={props.userID} name={name} size={faceSize(region)} />
				</span>
			)}
			<SeamlessVideo
				track={track}
				fit={isScreen ? "contain" : "cover"}
				isMirrored={props.isMirrored}
				label={isScreen ? `Screen of ${name}` : `Picture of ${name}`}
			/>
			<Notice notice={props.notice} />
			<TileFoot {...props} />
			<TileHead {...props} />
		</article>
	);
}

function faceSize({ width, height }: Region): number {
	return Math.round(Math.max(32, Math.min(168, Math.min(width, height) * 0.42)));
}

function tileLabel(props: TileProps): string {
	const { isScreen, isMuted, handPlace, isSpeaking, verdict } = props;
	if (isScreen) return `Screen of ${props.name}`;
	const parts = [
		shownName(props),
		isMuted ? "muted" : null,
		isSpeaking ? "speaking" : null,
		handPlace > 0 ? "hand raised" : null,
		verdict === "poor" || verdict === "lost" ? "weak connection" : null,
	];
	return parts.filter((part) => part !== null).join(", ");
}

function shownName({ name, isScreen, isSelf }: TileProps): string {
	if (isScreen) return `${name}’s screen`;
	return isSelf ? `${name} (you)` : name;
}

function TileFoot(props: TileProps): JSX.Element {
	const { isScreen, isMuted, isSpeaking, verdict } = props;
	return (
		<div class={styles.foot}>
			<p class={styles.name}>
				<SoundIcon isScreen={isScreen} isMuted={isMuted} isSpeaking={isSpeaking} />
				<span>{shownName(props)}</span>
			</p>
			{verdict === null || isScreen ? null : <QualityBars verdict={verdict} />}
		</div>
	);
}

function SoundIcon({
	isScreen,
	isMuted,
	isSpeaking,
}: {
	isScreen: boolean;
	isMuted: boolean;
	isSpeaking: boolean;
}): JSX.Element | null {
	if (isScreen) return <Icon name="screen" size={15} />;
	if (isMuted) return <Icon name="micOff" size={15} />;
	return isSpeaking ? <Icon name="wave" size={15} /> : null;
}

function TileHead({ handPlace, menu, name, isPinned, togglePin }: TileProps): JSX.Element {
	return (
		<div class={styles.head}>
			{handPlace === 0 ? null : (
				<span class={styles.hand} title={`Hand raised, number ${handPlace}`}>
					<Icon name="hand" size={16} />
					{handPlace}
				</span>
			)}
			<span class={styles.space} />
			<Tool label={isPinned ? `Unpin ${name}` : `Pin ${name}`} isOn={isPinned} run={togglePin}>
				<Icon name="pin" size={18} />
			</Tool>
			{menu.length === 0 ? null : (
				<span class={styles.menu}>
					<MenuButton label={`More for ${name}`} class={styles.tool} items={menu}>
						<Icon name="more" size={18} />
					</MenuButton>
				</span>
			)}
		</div>
	);
}

function Tool({
	label,
	isOn,
	run,
	children,
}: {
	label: string;
	isOn: boolean;
	run: () => void;
	children: ComponentChildren;
}): JSX.Element {
	return (
		<button
			type="button"
			class={styles.tool}
			aria-label={label}
			title={label}
			aria-pressed={isOn}
			onClick={run}
		>
			{children}
		</button>
	);
}

function Notice({ notice }: { notice: TileProps["notice"] }): JSX.Element | null {
	if (notice === null) return null;
	return (
		<div class={styles.notice} data-busy={notice.isBusy}>
			<span class={styles.noticeText}>
				<Icon name={notice.icon} size={16} />
				{notice.text}
			</span>
		</div>
	);
}
