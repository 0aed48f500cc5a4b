import type { CallPage } from "./call-page.ts";
import type { JoinOptions } from "./page-call.ts";
import { eventually } from "./system.ts";

/** How one kind of media comes in from somebody, as getStats has it. */
export type IncomingWay = {
	source: string;
	via: string;
	/** Of the pair of candidates in use: `host`, `srflx`, `prflx`, `relay`. */
	localType: string;
	remoteType: string;
	/** How this browser reaches the TURN server; empty without one. */
	relayProtocol: string;
	remoteAddress: string;
	framesDecoded: number;
	height: number;
	packets: number;
};

/** One person in a call of two, in a browser of their own: what they have of the other one. */
export class CallView implements AsyncDisposable {
	readonly #stage: CallPage;
	readonly #name: string;
	readonly #other: string;
	readonly participantID: string;

	private constructor(
		stage: CallPage,
		participantID: string,
		{ name, other }: { name: string; other: string },
	) {
		this.#stage = stage;
		this.participantID = participantID;
		this.#name = name;
		this.#other = other;
	}

	/** Joins on a page that is disposed of with this. */
	static async join(
		stage: CallPage,
		callID: string,
		names: { name: string; other: string },
		options: Partial<JoinOptions> = {},
	): Promise<CallView> {
		return new CallView(stage, await stage.join(callID, names.name, options), names);
	}

	/** The other one and the moves between the two; null before they are known. */
	async other() {
		const { people } = await this.#stage.state(this.#name);
		return people.find(({ name }) => name === this.#other) ?? null;
	}

	/** Waits until both directions go this way and no move is left. */
	async waitForWays(ways: { send: "p2p" | "sfu"; recv: "p2p" | "sfu" }, withinMs = 20_000): Promise<void> {
		let last = "";
		try {
			await eventually(async () => {
				const other = await this.other();
				last = JSON.stringify(other);
				const { send = null, recv = null } = other ?? {};
				return send?.via === ways.send && recv?.via === ways.recv && send.move === null && recv.move === null;
			}, withinMs);
		} catch (cause) {
			throw new Error(`not ${JSON.stringify(ways)} for ${this.#name}, but ${last}`, { cause });
		}
	}

	/** Waits until the picture on screen has changed and the sound is there. Returns how long that took, ms. */
	async waitForMovement(withinMs = 20_000): Promise<number> {
		const beganAt = performance.now();
		await this.#stage.resetGaps();
		let last = "nothing";
		try {
			await eventually(async () => {
				const { [this.#name]: seen } = await this.#stage.gaps();
				last = JSON.stringify(seen);
				const { frames = 0, heardMs = 0 } = seen?.[this.#other] ?? {};
				return frames >= 3 && heardMs >= 40;
			}, withinMs);
		} catch (cause) {
			const state = JSON.stringify(await this.#stage.state(this.#name));
			throw new Error(`${this.#name} has ${last}; ${state}`, { cause });
		}
		return performance.now() - beganAt;
	}

	/** Longest pauses of picture and sound since then, ms. */
	async resetGaps(): Promise<void> {
		await this.#stage.resetGaps();
	}

	async gaps() {
		const { [this.#name]: seen } = await this.#stage.gaps();
		const gaps = seen?.[this.#other];
		if (gaps === undefined) throw new Error(`${this.#name} has nothing of ${this.#other}`);
		return gaps;
	}

	/** Lines of the camera picture as it comes from the SFU and is decoded now. */
	async height(): Promise<number> {
		return (await this.incomingPicture("sfu")).height;
	}

	/** What comes in from the other one, kbit/s. */
	async kbps(): Promise<number> {
		return (await this.other())?.quality.recvKbps ?? 0;
	}

	/** Brightness of some pixels as they are on screen. */
	async picture(): Promise<string> {
		const names = [this.#name, this.#other] as const;
		return JSON.stringify(await this.#stage.page.evaluate((pair) => window.calls.picture(...pair), names));
	}

	async incoming(): Promise<IncomingWay[]> {
		return await this.#stage.page.evaluate(incomingWays, [this.#name, this.#other] as const);
	}

	/** The camera picture as it comes in by this way. */
	async incomingPicture(via: "p2p" | "sfu"): Promise<IncomingWay> {
		const found = (await this.incoming()).find((one) => one.source === "cam" && one.via === via);
		if (found === undefined) throw new Error(`no picture by ${via}`);
		return found;
	}

	async [Symbol.asyncDispose](): Promise<void> {
		await this.#stage[Symbol.asyncDispose]();
	}
}

/** Runs in the page. */
async function incomingWays([name, of]: readonly [string, string]) {
	const { session } = window.calls.get(name);
	const paths = session.presence?.paths;
	const person = session.people.value.find((one) => one.participant.value.displayName === of);
	if (person === undefined || paths == null) return [];
	const { participantID } = person;
	const link = paths.links.get(participantID);
	const receivers = (["mic", "cam"] as const).flatMap((source) => [
		...paths.subscriber
			.pulled(participantID, source)
			.map(({ receiver }) => ({ source, via: "sfu", receiver })),
		...[link?.receiver(source) ?? null].flatMap((receiver) =>
			receiver === null ? [] : [{ source, via: "p2p", receiver }],
		),
	]);
	return await Promise.all(
		receivers.map(async ({ source, via, receiver }) => {
			const report = await receiver.getStats();
			const rows = [...report.values()];
			const inbound = rows.find((row) => row.type === "inbound-rtp");
			const transport = rows.find((row) => row.type === "transport");
			const pair = report.get(transport?.selectedCandidatePairId ?? "");
			const local = report.get(pair?.localCandidateId ?? "");
			const remote = report.get(pair?.remoteCandidateId ?? "");
			return {
				source,
				via,
				localType: String(local?.candidateType ?? ""),
				remoteType: String(remote?.candidateType ?? ""),
				relayProtocol: String(local?.relayProtocol ?? ""),
				remoteAddress: String(remote?.address ?? ""),
				framesDecoded: Number(inbound?.framesDecoded ?? 0),
				height: Number(inbound?.frameHeight ?? 0),
				packets: Number(inbound?.packetsReceived ?? 0),
			};
		}),
	);
}
