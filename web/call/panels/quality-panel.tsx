import type { JSX } from "preact";
import { Icon } from "../../shell/icons.tsx";
import type { RemotePerson } from "../engine/remote-person.ts";
import { QualityBars } from "../room/quality-bars.tsx";
import { formatMs, formatRate, qualityWords, ROUTES } from "../room/quality-words.ts";
import type { RoomModel } from "../room/room-model.ts";
import styles from "./panels.module.css";

/** How good the connection is: the verdict in words, the way it goes, and the figures. */
export function QualityPanel({ room }: { room: RoomModel }): JSX.Element {
	const { call } = room;
	const quality = call.quality.value;
	const { sentence, advice } = qualityWords(quality);
	const config = call.config.value;
	return (
		<div class={styles.scroll}>
			<section class={styles.section} data-testid="quality" data-verdict={quality.verdict}>
				<p class={styles.verdict} data-verdict={quality.verdict}>
					<Icon name={quality.verdict === "good" ? "check" : "alert"} size={20} />
					{sentence}
				</p>
				{advice === null ? null : <p class={styles.advice}>{advice}</p>}
				<Figures
					rows={[
						["Route", ROUTES[quality.route]],
						["Sending", formatRate(quality.upKbps)],
						["Receiving", formatRate(quality.downKbps)],
						["Round trip", formatMs(quality.rttMs)],
						["Jitter", formatMs(quality.jitterMs)],
						["Loss", `${quality.lossPercent.toFixed(1)} %`],
					]}
				/>
			</section>
			{config === null ? null : (
				<section class={styles.section}>
					<h3>Agreed with everybody</h3>
					<Figures
						rows={[
							["New links", config.topology === "p2p" ? "direct" : "call server"],
							["Video", config.videoCodec === null ? "none in common" : config.videoCodec.toUpperCase()],
							["At most", `${config.maxWidth}×${config.maxHeight} @ ${Math.round(config.maxFps)}`],
							["Sound", config.audioCodec],
						]}
					/>
				</section>
			)}
			{call.people.value.length === 0 ? null : (
				<section class={styles.section}>
					<h3>From each person</h3>
					<ul>
						{call.people.value.map((person) => (
							<PersonFigures key={person.participantID} person={person} />
						))}
					</ul>
				</section>
			)}
		</div>
	);
}

/** A list of figures, as the player's "stats for nerds" has it. */
function Figures({ rows }: { rows: readonly (readonly [string, string])[] }): JSX.Element {
	return (
		<dl class={styles.figures}>
			{rows.map(([label, value]) => (
				<div key={label}>
					<dt>{label}</dt>
					<dd>{value}</dd>
				</div>
			))}
		</dl>
	);
}

function PersonFigures({ person }: { person: RemotePerson }): JSX.Element {
	const { verdict, route, recvKbps, rttMs, lossPercent, height, fps } = person.quality.value;
	const picture = height === 0 ? "no picture" : `${height}p @ ${Math.round(fps)}`;
	return (
		<li class={styles.personFigures}>
			<p>
				<strong>{person.participant.value.displayName}</strong>
				<QualityBars verdict={verdict} />
			</p>
			<p class={styles.small}>
				{[
					ROUTES[route],
					picture,
					formatRate(recvKbps),
					formatMs(rttMs),
					`${lossPercent.toFixed(1)} % loss`,
				].join(" · ")}
			</p>
		</li>
	);
}
