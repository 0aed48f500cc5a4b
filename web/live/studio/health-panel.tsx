import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import type { StreamID } from "../../../protocol/ids.ts";
import { getStreamHealth, type StreamHealth } from "../../../protocol/live.ts";
import { call } from "../../shell/api.ts";
import type { OutboundStats } from "../outbound-stats.ts";
import styles from "./health.module.css";
import { Sparkline } from "./sparkline.tsx";
import type { StudioSession } from "./studio-session.ts";

const EVERY_MS = 1000;
/** A minute of figures. */
const HISTORY = 60;

const VERDICTS: Record<StreamHealth["verdict"], string> = {
	waiting: "Waiting for the first picture",
	good: "Good",
	fair: "Fair",
	bad: "Bad",
	lost: "Signal lost",
};

interface HealthView {
	latest: StreamHealth | null;
	/** Kilobits a second, oldest first. */
	kbps: readonly (number | null)[];
	hasFailed: boolean;
}

/** How the ingest does: the verdict in words first, then the figures. */
export function HealthPanel({
	studio,
	streamID,
}: {
	studio: StudioSession;
	streamID: StreamID;
}): JSX.Element {
	const { latest, kbps, hasFailed } = useHealth(streamID);
	const own = useOwnStats(studio);
	const verdict = latest?.verdict ?? "waiting";
	return (
		<section class={styles.health} aria-label="Stream health" data-verdict={verdict} data-testid="health">
			<header class={styles.healthHead}>
				<span class={styles.verdict} role="status">
					<span class={styles.verdictDot} aria-hidden="true" />
					{hasFailed ? "No figures right now" : VERDICTS[verdict]}
				</span>
				<p>{latest?.advice ?? ""}</p>
			</header>
			<div class={styles.figures}>
				<div class={styles.sparkBox}>
					<Sparkline values={kbps} label="Bitrate of the last minute" />
					<dl>
						<Figure
							label="Bitrate"
							value={latest?.source ? `${Math.round(latest.source.kbps)} kbit/s` : null}
						/>
					</dl>
				</div>
				<dl>
					{figures(latest).map(([label, value]) => (
						<Figure key={label} label={label} value={value} />
					))}
				</dl>
			</div>
			{own === null ? null : <OwnLine own={own} />}
		</section>
	);
}

function Figure({ label, value }: { label: string; value: string | null }): JSX.Element {
	return (
		<div class={styles.figure} data-figure={label}>
			<dt>{label}</dt>
			<dd>{value ?? "–"}</dd>
		</div>
	);
}

/** The figures of the ingest in words; null where nothing is known. */
function figures(health: StreamHealth | null): [string, string | null][] {
	const source = health?.source ?? null;
	const packaging = health?.packaging ?? null;
	const keyframeMs = source?.keyframeIntervalMs ?? null;
	const codecs = [source?.videoCodec, source?.audioCodec].filter(Boolean).join(" + ");
	return [
		["Frame rate", source === null ? null : `${Math.round(source.framesPerSecond)} fps`],
		["Keyframe every", keyframeMs === null ? null : `${(keyframeMs / 1000).toFixed(1)} s`],
		["Picture", source === null || source.width === 0 ? null : `${source.width}×${source.height}`],
		["Codecs", codecs === "" ? null : codecs],
		["Loss", source === null ? null : `${source.lossPercent.toFixed(1)} %`],
		["Packaging delay", packaging === null ? null : `${(packaging.lagMs / 1000).toFixed(1)} s`],
		["Packaging speed", packaging === null ? null : `${packaging.speed.toFixed(2)}×`],
		["Renditions", packaging === null ? null : String(packaging.renditions.length)],
	];
}

function OwnLine({ own }: { own: OutboundStats }): JSX.Element {
	const limits: Record<string, string> = {
		cpu: "limited by this computer",
		bandwidth: "limited by your network",
		other: "limited",
	};
	const size = own.width === 0 ? "" : ` ${own.width}×${own.height} at ${Math.round(own.framesPerSecond)} fps`;
	return (
		<p class={styles.own}>
			This browser sends {own.videoCodec ?? "sound"}
			{size}
			{own.roundTripMs === null ? "" : `, ${Math.round(own.roundTripMs)} ms to the server`}
			{limits[own.limitedBy] === undefined ? "" : `, ${limits[own.limitedBy]}`}.
		</p>
	);
}

function useHealth(streamID: StreamID): HealthView {
	const [view, setView] = useState<HealthView>({ latest: null, kbps: [], hasFailed: false });
	useEffect(() => {
		const controller = new AbortController();
		const { signal } = controller;
		const ask = async () => {
			try {
				const latest = await call(getStreamHealth, { params: { streamID } }, { signal });
				setView((was) => ({
					latest,
					kbps: [...was.kbps, latest.source?.kbps ?? null].slice(-HISTORY),
					hasFailed: false,
				}));
			} catch {
				if (!signal.aborted) setView((was) => ({ ...was, hasFailed: true }));
			}
		};
		void ask();
		const timer = setInterval(() => void ask(), EVERY_MS);
		return () => {
			clearInterval(timer);
			controller.abort();
		};
	}, [streamID]);
	return view;
}

function useOwnStats(studio: StudioSession): OutboundStats | null {
	const publisher = studio.publisher.value;
	const [own, setOwn] = useState<OutboundStats | null>(null);
	useEffect(() => {
		setOwn(null);
		if (publisher === null) return;
		const timer = setInterval(() => void publisher.stats().then(setOwn), EVERY_MS);
		return () => clearInterval(timer);
	}, [publisher]);
	return own;
}
