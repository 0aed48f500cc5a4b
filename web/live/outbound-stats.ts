/** What a sending connection says of itself; sums grow over its life. */
export interface OutboundStats {
	videoCodec: string | null;
	width: number;
	height: number;
	framesPerSecond: number;
	bytesSent: number;
	roundTripMs: number | null;
	/** What keeps the picture from being better: `none`, `cpu`, `bandwidth` or `other`. */
	limitedBy: string;
}

type Row = Record<string, unknown>;

/** Reads what `getStats()` says of sent media. */
export function readOutbound(report: readonly unknown[]): OutboundStats {
	const rows = report.filter(isRow);
	const outbound = rows.filter((row) => row.type === "outbound-rtp");
	const video = outbound.find((row) => row.kind === "video");
	const codec = rows.find((row) => row.type === "codec" && row.id === video?.codecId);
	const pair = rows.find((row) => row.type === "candidate-pair" && row.nominated === true);
	const mimeType = codec?.mimeType;
	const roundTripSeconds = pair?.currentRoundTripTime;
	const limitedBy = video?.qualityLimitationReason;
	return {
		videoCodec: typeof mimeType === "string" ? mimeType.replace("video/", "") : null,
		width: numberOf(video, "frameWidth"),
		height: numberOf(video, "frameHeight"),
		framesPerSecond: numberOf(video, "framesPerSecond"),
		bytesSent: outbound.reduce((total, row) => total + numberOf(row, "bytesSent"), 0),
		roundTripMs: typeof roundTripSeconds === "number" ? roundTripSeconds * 1000 : null,
		limitedBy: typeof limitedBy === "string" ? limitedBy : "none",
	};
}

function numberOf(row: Row | undefined, name: string): number {
	const value = row?.[name];
	return typeof value === "number" ? value : 0;
}

function isRow(value: unknown): value is Row {
	return typeof value === "object" && value !== null;
}
