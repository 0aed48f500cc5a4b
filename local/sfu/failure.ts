import type { ContentfulStatusCode } from "hono/utils/http-status";

/** A refused call (https://developers.cloudflare.com/realtime/sfu/observability/error-codes/): HTTP status and error body. */
export class Failure extends Error {
	override readonly name = "Failure";
	readonly status: ContentfulStatusCode;
	readonly errorCode: string;

	constructor(status: ContentfulStatusCode, errorCode: string, description: string) {
		super(description);
		this.status = status;
		this.errorCode = errorCode;
	}

	get body(): { errorCode: string; errorDescription: string } {
		return { errorCode: this.errorCode, errorDescription: this.message };
	}
}

/** 406: the description is unusable, or comes while another negotiation is open. */
export function badDescription(description: string): Failure {
	return new Failure(406, "invalid_session_description", description);
}

/** 406: the call itself makes no sense. */
export function badParameters(description: string): Failure {
	return new Failure(406, "invalid_params", description);
}

/** 410: the session is over; the client needs a new one. */
export function sessionGone(): Failure {
	return new Failure(410, "session_error", "Session is closed or has expired");
}

/** 425: the transport has not come up. */
export function sessionNotReady(): Failure {
	return new Failure(425, "session_error", "Session is not connected yet: finish setup first");
}

/** The error of one item in an answer with HTTP 200. */
export type ItemError = { errorCode: string; errorDescription: string };

export const ITEM_ERRORS = {
	notFound: {
		errorCode: "not_found_track_error",
		errorDescription:
			"Track not found on remote peer. Make sure the publisher peer is connected and sending packets for this track",
	},
	empty: {
		errorCode: "empty_track_error",
		errorDescription: "No track data from remote peer. Retry once it sends packets for this track",
	},
	repeated: {
		errorCode: "repeated_local_track_error",
		errorDescription: "A local track with this name already exists in the session",
	},
	update: {
		errorCode: "update_track_error",
		errorDescription: "Track can't be updated: no such transceiver, or the codec differs",
	},
	close: {
		errorCode: "close_track_error",
		errorDescription: "Track doesn't exist or was already closed",
	},
	noLine: {
		errorCode: "invalid_session_description",
		errorDescription: "The session description has no usable media section for this track",
	},
	internal: { errorCode: "internal_error", errorDescription: "Backend error" },
} as const;
