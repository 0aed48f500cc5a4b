import * as z from "zod";
import { AppError } from "../protocol/errors.ts";
import type { ParticipantID } from "../protocol/ids.ts";

export type RealtimeKitSettings = {
	/** `https://api.cloudflare.com/client/v4`; a trailing slash is allowed. */
	baseURL: string;
	accountID: string;
	appID: string;
	/** An API token with the permission Realtime Admin. */
	apiToken: string;
	/** What guests of a meeting may do, and what its hosts may: names of presets of the app. */
	presets: { member: string; host: string };
	fetcher?: typeof fetch;
	/** Time limit of one HTTP exchange. */
	timeoutMs?: number;
};

/** Somebody's place in a meeting: what the SDK is opened with, and the name to put them out by. */
export type RealtimeKitPlace = { meetingID: string; seatID: string; authToken: string };

/**
 * Cloudflare RealtimeKit's REST API: calls held by Cloudflare's own meeting service instead of our rooms.
 * https://developers.cloudflare.com/realtime/realtimekit/
 *
 * Every method throws `AppError("sfu-error")` with members `provider` and `providerStatus` (0 = no answer). Nothing is repeated: an
 * answer that was lost may have made a meeting.
 */
export class RealtimeKit {
	readonly #appURL: string;
	readonly #settings: RealtimeKitSettings;
	readonly #fetcher: typeof fetch;

	constructor(settings: RealtimeKitSettings) {
		const { baseURL, accountID, appID } = settings;
		const account = `${baseURL.replace(/\/+$/, "")}/accounts/${encodeURIComponent(accountID)}`;
		this.#appURL = `${account}/realtime/kit/${encodeURIComponent(appID)}`;
		this.#settings = settings;
		this.#fetcher = settings.fetcher ?? ((input, init) => fetch(input, init));
	}

	/** A new meeting's ID. One call of ours is one meeting: the caller keeps it. */
	async createMeeting(title: string): Promise<string> {
		const reply = await this.#call("POST", "/meetings", MeetingReply, {
			title,
			record_on_start: false,
			live_stream_on_start: false,
			persist_chat: false,
		});
		return reply.data.id;
	}

	/** A place for one of our participants. The name is always sent: tokens made without one do not work (cloudflare-typescript#2737). */
	async addParticipant(person: {
		meetingID: string;
		participantID: ParticipantID;
		displayName: string;
		isHost: boolean;
	}): Promise<RealtimeKitPlace> {
		const { meetingID, participantID, displayName, isHost } = person;
		const { presets } = this.#settings;
		const { data } = await this.#call("POST", `${meetingPath(meetingID)}/participants`, ParticipantReply, {
			custom_participant_id: participantID,
			preset_name: isHost ? presets.host : presets.member,
			name: displayName,
		});
		return { meetingID, seatID: data.id, authToken: data.token };
	}

	/** Puts somebody out, for good: their token is worth nothing from then on. Nobody there is no error. */
	async removeParticipant(place: { meetingID: string; seatID: string }): Promise<void> {
		const path = meetingPath(place.meetingID);
		await this.#call("DELETE", `${path}/participants/${encodeURIComponent(place.seatID)}`, null);
		await this.#call("POST", `${path}/active-session/kick`, null, {
			participant_ids: [place.seatID],
			custom_participant_ids: [],
		});
	}

	/** Puts everybody out and lets nobody in again. */
	async endMeeting(meetingID: string): Promise<void> {
		const path = meetingPath(meetingID);
		await this.#call("PATCH", path, null, { status: "INACTIVE" });
		await this.#call("POST", `${path}/active-session/kick-all`, null);
	}

	async #call<S extends z.ZodType>(
		method: string,
		path: string,
		reply: S,
		body?: unknown,
	): Promise<z.output<S>>;
	async #call(method: string, path: string, reply: null, body?: unknown): Promise<null>;
	async #call(method: string, path: string, reply: z.ZodType | null, body?: unknown): Promise<unknown> {
		let providerStatus = 0;
		try {
			const response = await this.#fetcher(this.#appURL + path, {
				method,
				headers: {
					authorization: `Bearer ${this.#settings.apiToken}`,
					...(body === undefined ? {} : { "content-type": "application/json" }),
				},
				...(body === undefined ? {} : { body: JSON.stringify(body) }),
				signal: AbortSignal.timeout(this.#settings.timeoutMs ?? DEFAULT_TIMEOUT_MS),
			});
			providerStatus = response.status;
			const text = await response.text();
			if (reply === null && response.status === 404) return null;
			if (!response.ok) throw new Error(reasonOf(text));
			return reply === null ? null : reply.parse(JSON.parse(text));
		} catch (cause) {
			throw new AppError("sfu-error", "RealtimeKit did not do it.", {
				cause,
				members: { provider: "realtimekit", providerStatus },
			});
		}
	}
}

const DEFAULT_TIMEOUT_MS = 10_000;

/** https://developers.cloudflare.com/api/resources/realtime_kit/subresources/meetings/methods/create/ */
const MeetingReply = z.object({ success: z.literal(true), data: z.object({ id: z.string().min(1) }) });

/** https://developers.cloudflare.com/api/resources/realtime_kit/subresources/meetings/methods/add_participant/ */
const ParticipantReply = z.object({
	success: z.literal(true),
	data: z.object({ id: z.string().min(1), token: z.string().min(1) }),
});

/** Cloudflare's envelope around errors: https://developers.cloudflare.com/fundamentals/api/how-to/make-api-calls/ */
const Refusal = z.object({
	errors: z.array(z.object({ code: z.union([z.int(), z.string()]), message: z.string() })).min(1),
});

function meetingPath(meetingID: string): string {
	return `/meetings/${encodeURIComponent(meetingID)}`;
}

function reasonOf(text: string): string {
	try {
		const [first] = Refusal.parse(JSON.parse(text)).errors;
		return first === undefined ? "no reason given" : `${first.code}: ${first.message}`;
	} catch {
		// Something in between answered, in a form of its own.
		return text.slice(0, 200);
	}
}
