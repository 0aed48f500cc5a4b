import type { StreamID, VideoID } from "../protocol/ids.ts";
import { type KeySet, Mac } from "./keys.ts";

/** A media program has this long to do one step, in seconds. */
const VOD_TOKEN_SECONDS = 12 * 3600;

/** What lets one packaging job write to one epoch of one stream, and nothing else. */
export async function signJobToken(keys: KeySet, streamID: StreamID, epoch: number): Promise<string> {
	const mac = new Mac(keys.macKeys);
	return `${mac.keyID}.${await mac.sign("job", `${streamID}\n${epoch}`)}`;
}

export async function verifyJobToken(
	keys: KeySet,
	token: string,
	streamID: StreamID,
	epoch: number,
): Promise<boolean> {
	const [keyID = "", signature = ""] = token.split(".");
	return new Mac(keys.macKeys).verify("job", `${streamID}\n${epoch}`, keyID, signature);
}

/** One attempt at one step of the processing of one work. */
export interface VodAttempt {
	videoID: VideoID;
	stepID: string;
	attempt: number;
}

/** What lets a media program read and write the objects of one work for one attempt at one step. `now` in milliseconds. */
export async function signVodToken(keys: KeySet, job: VodAttempt, now: number): Promise<string> {
	const mac = new Mac(keys.macKeys);
	const exp = Math.floor(now / 1000) + VOD_TOKEN_SECONDS;
	return `${mac.keyID}.${exp}.${await mac.sign("vod-job", vodText(job, String(exp)))}`;
}

export async function verifyVodToken(
	keys: KeySet,
	token: string,
	job: VodAttempt,
	now: number,
): Promise<boolean> {
	const [keyID = "", exp = "", signature = ""] = token.split(".");
	const isSigned = await new Mac(keys.macKeys).verify("vod-job", vodText(job, exp), keyID, signature);
	return isSigned && Number(exp) * 1000 > now;
}

function vodText({ videoID, stepID, attempt }: VodAttempt, exp: string): string {
	return `${videoID}\n${stepID}\n${attempt}\n${exp}`;
}
