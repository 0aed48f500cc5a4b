import { readConfig } from "../adapters/config.ts";
import { log } from "../adapters/log.ts";
import { RealtimeSfu } from "../adapters/realtime-sfu.ts";
import { Call } from "../domain/call/call.ts";
import type { CallEffect } from "../domain/call/effects.ts";
import { type CallFacts, describeMember, describeRoom, type Member, roleOf } from "../domain/call/member.ts";
import { AppError } from "../protocol/errors.ts";
import type { ParticipantID, UserID } from "../protocol/ids.ts";
import { type CallChatMessage, SIGNAL_CLOSE, type SignalServerMessage } from "../protocol/signal.ts";
import { CallAlarm } from "./call-alarm.ts";
import { CallBudget } from "./call-budget.ts";
import { CallCatalogue } from "./call-catalogue.ts";
import { CallIce } from "./call-ice.ts";
import { CallMeeting } from "./call-meeting.ts";
import { CallOutbox } from "./call-outbox.ts";
import { CallPulse } from "./call-pulse.ts";
import { CallReports } from "./call-reports.ts";
import { CallRinging } from "./call-ringing.ts";
import { CallSfu } from "./call-sfu.ts";
import { CallStore } from "./call-store.ts";

/** When a description that did not arrive is sent again. */
const CATALOGUE_RETRY_MS = 60_000;

/** Does what the rules of `domain/call` decide: rows, frames, the SFU, the catalogue. */
export class CallPerformer {
	readonly store: CallStore;
	readonly sfu: CallSfu;
	readonly ice: CallIce;
	readonly meeting: CallMeeting;
	readonly ringing: CallRinging;
	readonly reports = new CallReports();
	/** `messages`: what a participant's sockets say. `orders`: a user's requests. `places`: joining over and over. */
	readonly budgets = {
		messages: new CallBudget<ParticipantID>({ burst: 600, perSecond: 60 }),
		orders: new CallBudget<UserID>({ burst: 300, perSecond: 30 }),
		places: new CallBudget<UserID>({ burst: 20, perSecond: 0.5 }),
	};
	readonly pulse: CallPulse;
	readonly #ctx: DurableObjectState;
	readonly #catalogue: CallCatalogue;
	readonly #outbox: CallOutbox;
	readonly #alarm: CallAlarm;
	/** Since when the catalogue may say something else than the room; null while it does not. */
	#staleSince: number | null;
	#descriptions = 0;
	#call: Call | null;

	constructor(ctx: DurableObjectState, env: Env) {
		this.#ctx = ctx;
		this.store = new CallStore(ctx.storage.sql);
		const state = this.store.load();
		this.#call = state && new Call(state);
		// An idle call must sleep: this line in a log says that it did not.
		if (state) log.info("call.woken", { callID: state.facts.callID });
		this.#staleSince = this.store.facts.get<number | null>("staleSince") ?? null;
		this.#alarm = new CallAlarm(ctx);
		this.pulse = new CallPulse(ctx, this.store.facts);
		this.#catalogue = new CallCatalogue(env);
		this.ice = new CallIce(env);
		this.meeting = new CallMeeting(env, this.store);
		this.sfu = new CallSfu(
			this.store,
			() => openSfu(env),
			(participantID) => this.miss(participantID),
		);
		this.#outbox = new CallOutbox((participantID) => this.socketsOf(participantID));
		this.ringing = new CallRinging(ctx.storage.sql, env, {
			call: () => this.call.facts,
			state: () => ({ state: this.call.facts.state, hasOthers: this.#hasOthers() }),
			isInside: (userID) => this.call.roster.ofUser(userID).some(({ state: at }) => at === "joined"),
			become: (becomes) => {
				const now = Date.now();
				this.perform(becomes === "open" ? this.call.open(now) : this.call.end(becomes, now));
			},
			unanswered: () => this.perform(this.call.stopAwaiting(Date.now())),
		});
		if (!this.#call) return;
		this.#call.isAwaiting = () => this.ringing.nextDeadline() !== null;
		this.sfu.lookForStrays(this.#call, Date.now());
		if (this.sfu.nextDeadline() !== null) this.arm();
	}

	/** Throws AppError `not-found` if the call was never made. */
	get call(): Call {
		if (this.#call) return this.#call;
		throw new AppError("not-found", "There is no such call.");
	}

	get exists(): boolean {
		return this.#call !== null;
	}

	create(facts: CallFacts): void {
		this.#call = new Call({ facts, members: [], edges: [], seq: 0 });
		this.#call.isAwaiting = () => this.ringing.nextDeadline() !== null;
		this.perform([{ do: "storeFacts" }]);
	}

	socketsOf(participantID: ParticipantID): WebSocket[] {
		return this.#ctx.getWebSockets(participantID).filter((socket) => socket.readyState === WebSocket.OPEN);
	}

	/** Carries out one turn's effects in their order; what goes to one member goes as one frame. */
	perform(effects: readonly CallEffect[]): void {
		if (effects.length === 0) return;
		const seq = this.call.roster.seq;
		for (const effect of effects) this.#performOne(effect);
		this.#outbox.flush();
		if (this.store.facts.get("seq") !== seq) this.store.facts.put("seq", seq);
		this.arm();
	}

	/** One alarm for the next of all deadlines; a room in which nothing is due sleeps. */
	arm(): void {
		const staleAt = this.#staleSince === null ? null : this.#staleSince + CATALOGUE_RETRY_MS;
		const { call, ringing, sfu, pulse } = this;
		const deadlines = [call, ringing, sfu, pulse].map((part) => part.nextDeadline());
		const known = [...deadlines, staleAt].filter((at) => at !== null);
		const isInside = this.call.facts.endedAt === null && this.call.roster.size > 0;
		this.#alarm.set(known.length > 0 ? Math.min(...known) : null, isInside);
	}

	/** Nothing comes from this participant, somebody says. */
	miss(participantID: ParticipantID): void {
		const isThere = this.call.roster.inside(participantID)?.connection === "online";
		if (isThere && this.pulse.suspect(participantID, Date.now())) this.arm();
	}

	/** The alarm: whatever is due. */
	async wake(now: number): Promise<void> {
		this.#alarm.rang();
		for (const participantID of this.pulse.due(now)) {
			this.#close(participantID, SIGNAL_CLOSE.idle, "nothing was heard any more");
			this.perform(this.call.disconnected(participantID, now));
		}
		await this.ringing.expire(now);
		this.perform(this.call.due(now));
		const isStale = this.#staleSince !== null && this.#staleSince + CATALOGUE_RETRY_MS <= now;
		if (isStale) this.#ctx.waitUntil(this.#describe());
		await this.sfu.evictStrays(this.call, now);
		this.arm();
	}

	#performOne(effect: CallEffect): void {
		switch (effect.do) {
			case "send":
				this.#outbox.add([effect.to], effect.frame);
				break;
			case "broadcast":
				this.#outbox.add(this.call.roster.joinedIDs(), effect.frame);
				break;
			case "welcome":
				this.#outbox.add([effect.to], this.#welcome(effect.to, effect.isResumed));
				break;
			case "close":
				this.#close(effect.participantID, effect.code, effect.reason);
				break;
			case "storeMember":
				this.store.putMember(effect.member);
				break;
			case "storeEdge":
				this.store.putEdge(effect.edge);
				break;
			case "storeFacts":
				this.store.facts.put("call", this.call.facts);
				this.#ctx.waitUntil(this.#describe());
				break;
			case "forget":
				this.#forget(effect.member);
				break;
			case "entered":
				this.#ctx.waitUntil(this.#entered(effect.member));
				break;
			case "say":
				this.#say(effect);
				break;
			case "forward":
				this.#ctx.waitUntil(this.sfu.follow(this.call, effect.to));
				break;
			case "ended":
				this.store.dropChat();
				this.#ctx.waitUntil(this.ringing.cancelAll(this.call.facts.hostID));
				this.#ctx.waitUntil(this.meeting.end());
				break;
		}
	}

	#welcome(participantID: ParticipantID, isResumed: boolean): SignalServerMessage {
		const { call } = this;
		const member = call.roster.get(participantID);
		if (!member) throw new AppError("not-found", "The participant has left.");
		const { facts, roster } = call;
		return {
			t: "welcome",
			participantID,
			sessionID: member.sessionID,
			role: roleOf(facts, member.userID),
			seq: roster.seq,
			isResumed,
			room: describeRoom(facts),
			roster: roster.visibleTo(member.userID).map((other) => describeMember(facts, other)),
			tracks: roster
				.joined()
				.filter(({ tracks }) => tracks.length > 0)
				.map(({ participantID: publisherID, tracks }) => ({ participantID: publisherID, tracks })),
			edges: call.edges.of(participantID, roster.joinedIDs()),
			config: call.config,
			iceServers: this.ice.known(participantID),
			chat: this.store.chat(),
			speaker: roster.speakerID,
		};
	}

	#close(participantID: ParticipantID, code: number, reason: string): void {
		this.#outbox.flushTo(participantID);
		for (const socket of this.socketsOf(participantID)) socket.close(code, reason);
	}

	#forget(member: Member): void {
		const { participantID } = member;
		this.store.dropMember(participantID);
		this.reports.drop(participantID);
		this.ice.forget(participantID);
		this.pulse.forget(participantID);
		this.#close(participantID, 1000, "left");
		this.#ctx.waitUntil(this.#evict(participantID));
		const isStillThere = this.call.roster.ofUser(member.userID).some(({ state }) => state === "joined");
		if (member.state === "joined" && !isStillThere) this.#ctx.waitUntil(this.#left(member));
	}

	async #evict(participantID: ParticipantID): Promise<void> {
		await this.sfu.evict(participantID);
		if (this.sfu.nextDeadline() !== null) this.arm();
	}

	async #entered(member: Member): Promise<void> {
		await Promise.all([
			this.ringing.entered(member.userID, Date.now()),
			this.#catalogue.entered(this.call.facts.callID, member),
			this.#describe(),
		]);
	}

	async #left(member: Member): Promise<void> {
		await Promise.all([this.#catalogue.left(this.call.facts.callID, member), this.#describe()]);
	}

	/** The catalogue follows the room. Should it fail, or the object die before, the alarm sees to it. */
	async #describe(): Promise<void> {
		const { facts, topology, roster } = this.call;
		const turn = ++this.#descriptions;
		this.#setStale(Date.now());
		const isDone = await this.#catalogue.describe(facts, { topology, size: roster.joined().length });
		if (!isDone || turn !== this.#descriptions) return;
		this.#setStale(null);
		this.arm();
	}

	#setStale(since: number | null): void {
		this.#staleSince = since;
		this.store.facts.put("staleSince", since);
	}

	#say({ participantID, clientMsgID, message }: Extract<CallEffect, { do: "say" }>): void {
		const author = this.call.roster.inside(participantID);
		if (!author) return;
		const line: CallChatMessage = {
			clientMsgID,
			participantID,
			displayName: author.displayName,
			message,
			sentAt: new Date().toISOString(),
		};
		// A repeat after a lost answer: the author alone has not seen it arrive.
		const isNew = this.store.appendChat(line);
		const audience = isNew ? this.call.roster.joinedIDs() : [participantID];
		this.#outbox.add(audience, { t: "chat", ...line });
	}

	#hasOthers(): boolean {
		const { facts, roster } = this.call;
		return roster.joined().some(({ userID }) => userID !== facts.hostID);
	}
}

function openSfu(env: Env): RealtimeSfu {
	const { realtime } = readConfig(env);
	if (!realtime) throw new AppError("realtime-not-configured", "Cloudflare Realtime is not set up here.");
	return new RealtimeSfu(realtime);
}
