/** What the command tells. `state` changes, `statistics` come every second. */
export type GoLiveEvent =
	| {
			event: "state";
			state: "starting" | "connecting" | "live" | "waiting" | "reconnecting" | "ended";
			reason?: string;
	  }
	| { event: "waiting"; seconds: number; reason: string }
	| {
			event: "statistics";
			seconds: number;
			framesPerSecond: number;
			kbps: number;
			repeatedPackets: number;
			keyframesAsked: number;
			lossPercent: number;
	  };

export type Reporter = (event: GoLiveEvent) => void;

/** NDJSON on stdout. */
export function jsonReporter(write: (text: string) => void): Reporter {
	return (event) => write(`${JSON.stringify({ at: new Date().toISOString(), ...event })}\n`);
}

/** For people: a line for each change, and one that is rewritten for the rest. Without a terminal the latter appears every ten seconds. */
export function textReporter(write: (text: string) => void, isTerminal: boolean): Reporter {
	let isLineOpen = false;
	let ticks = 0;
	const line = (text: string) => {
		write(`${isLineOpen ? "\n" : ""}${text}\n`);
		isLineOpen = false;
	};
	const rewrite = (text: string) => {
		write(`\r\u001b[K${text}`);
		isLineOpen = true;
	};
	return (event) => {
		switch (event.event) {
			case "state":
				line(event.reason === undefined ? event.state : `${event.state}: ${event.reason}`);
				return;
			case "waiting":
				(isTerminal ? rewrite : line)(`${event.reason} · next try in ${event.seconds} s`);
				return;
			case "statistics":
				ticks += 1;
				if (isTerminal) rewrite(statisticsText(event));
				else if (ticks % 10 === 1) line(statisticsText(event));
				return;
		}
	};
}

function statisticsText(event: Extract<GoLiveEvent, { event: "statistics" }>): string {
	const { seconds, framesPerSecond, kbps, lossPercent, repeatedPackets } = event;
	return `live ${duration(seconds)} · ${framesPerSecond} fps · ${kbps} kbit/s · ${lossPercent} % lost · ${repeatedPackets} repeated`;
}

function duration(seconds: number): string {
	const whole = Math.floor(seconds);
	const parts = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
	return parts.map((part) => String(part).padStart(2, "0")).join(":");
}
