import * as account from "./account.ts";
import * as call from "./call.ts";
import * as callSfu from "./call-sfu.ts";
import * as channel from "./channel.ts";
import * as chat from "./chat.ts";
import * as contact from "./contact.ts";
import type { Endpoint } from "./endpoint.ts";
import * as live from "./live.ts";
import * as upload from "./upload.ts";
import * as vod from "./vod.ts";
import * as watching from "./vod-watching.ts";

/** Every JSON endpoint of the API; `/openapi.json` and the contract tests walk this list. */
export const ENDPOINTS: readonly Endpoint[] = [
	account,
	contact,
	channel,
	live,
	chat,
	call,
	callSfu,
	upload,
	vod,
	watching,
].flatMap((noun) => Object.values(noun).filter(isEndpoint));

function isEndpoint(value: unknown): value is Endpoint {
	return typeof value === "object" && value !== null && "operationID" in value;
}
