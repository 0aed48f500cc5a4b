import { describe, expect, test } from "vitest";
import { Call, CallHistoryItem } from "../../protocol/call.ts";
import { JoinCode } from "../../protocol/ids.ts";
import { joinAs, makeGuest } from "./call-client.ts";
import { postCall, putAnswer, registerFriends, startCall } from "./calling.ts";
import { registerUser, type Session, send } from "./client.ts";

const look = (reference: string, session?: Session) =>
	send("GET", `/calls/${reference}`, session ? { token: session.accessToken } : {});

const change = (session: Session, reference: string, body: object) =>
	send("PATCH", `/calls/${reference}`, { token: session.accessToken, body });

/** Pages of somebody's history until the end. */
async function historyOf(session: Session, query = ""): Promise<CallHistoryItem[][]> {
	const pages: CallHistoryItem[][] = [];
	let cursor: string | null = "";
	while (cursor !== null) {
		const reply = await send("GET", `/calls?${query}${cursor && `&cursor=${cursor}`}`, {
			token: session.accessToken,
		});
		const page: { items: unknown[]; nextCursor: string | null } = await reply.json();
		pages.push(page.items.map((item) => CallHistoryItem.parse(item)));
		cursor = page.nextCursor;
	}
	return pages;
}

describe("a call without invitees", () => {
	test("is open at once, under a code of its own", async () => {
		const host = await registerUser();

		const reply = await postCall(host, [], { title: "  Stand-up ", kind: "audio" });

		expect(reply.status).toBe(201);
		const call = Call.parse(await reply.json());
		expect(reply.headers.get("location")).toBe(`/calls/${call.callID}`);
		expect(call).toMatchObject({
			kind: "audio",
			title: "Stand-up",
			hostID: host.user.userID,
			hostName: host.user.displayName,
			state: "open",
			access: "link",
			isLocked: false,
			topology: "p2p",
			participantCount: 0,
			recordingState: "off",
			endedAt: null,
			wsURL: `/calls/${call.callID}/signal`,
		});
		expect(JoinCode.safeParse(call.code).success).toBe(true);
		expect((await startCall(host)).code).not.toBe(call.code);
	});

	test.each([
		["an unknown kind", { kind: "fax" }, "#/kind"],
		["a title that is too long", { title: "x".repeat(141) }, "#/title"],
		["too many invitees", { inviteeIDs: Array(101).fill("us_01ARZ3NDEKTSV4RRFFQ69G5FAV") }, "#/inviteeIDs"],
		["an invitee that cannot exist", { inviteeIDs: ["bob"] }, "#/inviteeIDs/0"],
	])("with %s is refused", async (_what, wishes, pointer) => {
		const reply = await postCall(await registerUser(), [], wishes);

		expect(await reply.json()).toMatchObject({ status: 422, code: "validation", errors: [{ pointer }] });
	});

	test("cannot be made by a guest or by nobody", async () => {
		const statuses = [
			(await postCall(await makeGuest(), [])).status,
			(await send("POST", "/calls", { body: { kind: "video" } })).status,
		];

		expect(statuses).toEqual([403, 401]);
	});
});

describe("looking at a call", () => {
	test("by its code anybody sees who is inside, but not who was invited", async () => {
		const [host, friend] = await registerFriends();
		const call = await startCall(host, [friend]);
		await joinAs(host, call.callID);

		const replies = await Promise.all([look(call.code), look(call.code, await makeGuest())]);

		const { userID, displayName } = host.user;
		for (const reply of replies) {
			expect(reply.headers.get("cache-control")).toBe("private, no-store");
			expect(await reply.json()).toMatchObject({
				callID: call.callID,
				participantCount: 1,
				inside: [{ userID, displayName }],
				invitations: [],
			});
		}
	});

	test("by its identifier only those may who belong to it, and they see the invitations", async () => {
		const [host, friend] = await registerFriends();
		const call = await startCall(host, [friend]);
		const [stranger, guest] = [await registerUser(), await makeGuest()];
		await joinAs(guest, call.code);

		const outside = await Promise.all([look(call.callID), look(call.callID, stranger)]);
		const inside = await Promise.all([host, friend, guest].map((session) => look(call.callID, session)));

		for (const reply of outside) expect(await reply.json()).toMatchObject({ status: 404, code: "not-found" });
		const { userID, displayName } = friend.user;
		for (const reply of inside) {
			expect(await reply.json()).toMatchObject({ invitations: [{ userID, displayName, state: "ringing" }] });
		}
	});

	test.each(["ca_01ARZ3NDEKTSV4RRFFQ69G5FAV", "abc-defg-hjk", "abc-defg-hil", "nonsense"])(
		"%s is not there",
		async (reference) => {
			const session = await registerUser();

			const replies = await Promise.all([
				look(reference, session),
				change(session, reference, { title: "x" }),
				send("PUT", `/calls/${reference}/invitations/${session.user.userID}`, {
					token: session.accessToken,
					body: { state: "accepted" },
				}),
			]);

			expect(replies.map(({ status }) => status)).toEqual([404, 404, 404]);
		},
	);

	test("that has ended: its code is gone, those who belonged to it still see it by its identifier", async () => {
		const host = await registerUser();
		const call = await startCall(host);
		await change(host, call.callID, { state: "ended" });

		const byCode = await look(call.code, host);
		const byID = await look(call.callID, host);

		expect(await byCode.json()).toMatchObject({ status: 410, code: "call-ended" });
		expect(await byID.json()).toMatchObject({ state: "ended", inside: [] });
	});
});

describe("changing a call", () => {
	test("is the host's right: title, lock and access", async () => {
		const host = await registerUser();
		const { callID, code } = await startCall(host);

		const reply = await change(host, callID, { title: "Retro", isLocked: true, access: "lobby" });

		expect(await reply.json()).toMatchObject({ title: "Retro", isLocked: true, access: "lobby" });
		expect(await (await look(code)).json()).toMatchObject({
			title: "Retro",
			isLocked: true,
			access: "lobby",
		});
		expect((await historyOf(host))[0]?.[0]).toMatchObject({ title: "Retro", access: "lobby" });
	});

	test("is refused to members, and strangers do not learn that it exists", async () => {
		const [host, friend] = await registerFriends();
		const call = await startCall(host, [friend]);
		await putAnswer(friend, call, friend, { state: "accepted" });
		const stranger = await registerUser();

		const replies = await Promise.all([
			change(friend, call.callID, { title: "mine" }),
			change(friend, call.callID, { state: "ended" }),
			change(stranger, call.callID, { isLocked: true }),
			change(stranger, call.code, { isLocked: true }),
			change(await makeGuest(), call.code, { state: "ended" }),
		]);

		expect(replies.map(({ status }) => status)).toEqual([403, 403, 404, 403, 403]);
		expect(await (await look(call.code)).json()).toMatchObject({ title: "", isLocked: false, state: "open" });
	});

	test("ends it for all, once", async () => {
		const [host, friend] = await registerFriends();
		const call = await startCall(host);
		const inside = await joinAs(friend, call.code);

		const ended = await change(host, call.callID, { state: "ended" });
		const later = await Promise.all([
			change(host, call.callID, { title: "too late" }),
			send("POST", `/calls/${call.callID}/invitations`, {
				token: host.accessToken,
				body: { userIDs: [friend.user.userID] },
			}),
		]);

		const { state, endedAt } = Call.parse(await ended.json());
		expect([state, Date.parse(endedAt ?? "") > 0]).toEqual(["ended", true]);
		expect(await inside.client.next("ended")).toMatchObject({ reason: "host" });
		for (const reply of later) expect(await reply.json()).toMatchObject({ status: 410, code: "call-ended" });
	});
});

describe("the history", () => {
	test("comes newest first, page by page, each call once", async () => {
		const session = await registerUser();
		const made: string[] = [];
		for (let count = 0; count < 5; count++) made.push((await startCall(session)).callID);

		const pages = await historyOf(session, "limit=2");

		expect(pages.flat().map(({ callID }) => callID)).toEqual(made.reverse());
		expect(pages.map((page) => page.length)).toEqual([2, 2, 1]);
	});

	test("says who rang, who was rung, and who came by the link", async () => {
		const [caller, callee] = await registerFriends();
		const call = await startCall(caller, [callee]);
		const other = await registerUser();
		await joinAs(other, call.code);
		await expect.poll(async () => (await historyOf(other)).flat()).toHaveLength(1);

		const lines = await Promise.all([caller, callee, other].map(newestOf));

		expect(lines.map((line) => [line?.direction, line?.others.map(({ userID }) => userID).sort()])).toEqual([
			["outgoing", [callee.user.userID, other.user.userID].sort()],
			["incoming", [caller.user.userID]],
			["incoming", [caller.user.userID, callee.user.userID].sort()],
		]);
		expect(lines[2]?.outcome).toBe("joined");
	});

	test("is read by state, and is everybody's own", async () => {
		const [caller, callee] = await registerFriends();
		const declined = await startCall(caller, [callee]);
		await putAnswer(callee, declined, callee, { state: "declined" });
		await startCall(caller);

		const own = await historyOf(caller, "state=declined");
		const foreign = await historyOf(await registerUser());

		expect(own.flat().map(({ callID }) => callID)).toEqual([declined.callID]);
		expect(foreign).toEqual([[]]);
	});

	test("with a made-up cursor is refused", async () => {
		const { accessToken } = await registerUser();

		const reply = await send("GET", "/calls?cursor=Y2hfMQ.x.y", { token: accessToken });

		expect(await reply.json()).toMatchObject({ status: 400, code: "bad-cursor" });
	});
});

async function newestOf(session: Session): Promise<CallHistoryItem | undefined> {
	return (await historyOf(session))[0]?.[0];
}

describe("the same request with an Idempotency-Key", () => {
	const post = (session: Session, key: string, body: object = { kind: "video" }) =>
		send("POST", "/calls", { token: session.accessToken, headers: { "idempotency-key": key }, body });

	test("makes one call, and a repeat gets the first reply", async () => {
		const session = await registerUser();

		const first = await post(session, "attempt-1");
		const again = await post(session, "attempt-1");
		const other = await post(session, "attempt-2");

		const call = Call.parse(await first.json());
		expect([again.status, again.headers.get("idempotency-replayed")]).toEqual([201, "true"]);
		expect(again.headers.get("location")).toBe(`/calls/${call.callID}`);
		expect(await again.json()).toEqual(call);
		expect(first.headers.get("idempotency-replayed")).toBeNull();
		expect(Call.parse(await other.json()).callID).not.toBe(call.callID);
		expect((await historyOf(session)).flat()).toHaveLength(2);
	});

	test("many times at once makes one call", async () => {
		const session = await registerUser();

		const replies = await Promise.all(Array.from({ length: 6 }, () => post(session, "attempt-1")));

		const created = replies.filter(({ status }) => status === 201);
		expect(created.length).toBeGreaterThanOrEqual(1);
		expect((await historyOf(session)).flat()).toHaveLength(1);
		for (const reply of replies.filter(({ status }) => status !== 201)) {
			expect(await reply.json()).toMatchObject({ status: 409, code: "idempotency-in-flight" });
		}
	});

	test("but another body is refused, and so is a key that is too short", async () => {
		const session = await registerUser();
		await post(session, "attempt-1");

		const replies = [await post(session, "attempt-1", { kind: "audio" }), await post(session, "short")];

		const codes = await Promise.all(
			replies.map(async (reply) => (await reply.json<{ code: string }>()).code),
		);
		expect(codes).toEqual(["idempotency-key-reused", "validation"]);
	});

	test("is tried again after a refusal, and means nothing to others", async () => {
		const [session, friend] = await registerFriends();
		const stranger = await registerUser();
		const ring = (callee: Session, key: string) =>
			post(session, key, { kind: "video", inviteeIDs: [callee.user.userID] });

		const refused = await ring(stranger, "attempt-1");
		const allowed = await ring(friend, "attempt-1");
		const foreign = await post(friend, "attempt-1");

		expect([refused.status, allowed.status, foreign.status]).toEqual([403, 201, 201]);
		expect(foreign.headers.get("idempotency-replayed")).toBeNull();
	});
});
