import type { StreamID } from "../protocol/ids.ts";
import { type KeySet, Mac } from "./keys.ts";

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
