import { describe, expect, test } from "vitest";
import { makeChannel, registerUser, send } from "./client.ts";

describe("a channel", () => {
	test("has exactly the seeds' fields and ours, by identifier, by handle and below /v1", async () => {
		const owner = await registerUser();
		const channel = await makeChannel(owner);

		const replies = await Promise.all(
			[channel.channelID, `@${channel.handle}`].flatMap((reference) => [
				send("GET", `/channels/${reference}`),
				send("GET", `/v1/channels/${reference}`),
			]),
		);

		for (const reply of replies) {
			expect(reply.headers.get("cache-control")).toBe("public, max-age=15, stale-while-revalidate=30");
			expect(await reply.json()).toEqual({
				channelID: channel.channelID,
				handle: channel.handle,
				name: "A channel",
				description: "",
				ownerID: owner.user.userID,
				currentStreamInfo: null,
				followerCount: 0,
				chatSettings: { slowModeSeconds: 0 },
				createdAt: channel.createdAt,
			});
		}
	});

	test("that has not changed is 304", async () => {
		const { channelID } = await makeChannel(await registerUser());
		const etag = (await send("GET", `/channels/${channelID}`)).headers.get("etag") ?? "";

		const reply = await send("GET", `/channels/${channelID}`, { headers: { "if-none-match": etag } });

		expect(reply.status).toBe(304);
	});

	test("with a taken handle is a conflict", async () => {
		const owner = await registerUser();
		const { handle } = await makeChannel(owner);

		const reply = await send("POST", "/channels", { token: owner.accessToken, body: { handle, name: "x" } });

		expect(reply.status).toBe(409);
	});

	test.each([
		"/channels/ch_nonsense",
		"/channels/@x",
		"/channels/ch_01ARZ3NDEKTSV4RRFFQ69G5FAV",
		"/nothing",
		"/streams/1",
	])("%s is not there", async (path) => {
		expect((await send("GET", path)).status).toBe(404);
	});

	test("is listed page by page, each once", async () => {
		const owner = await registerUser();
		const made = [await makeChannel(owner), await makeChannel(owner), await makeChannel(owner)];
		const seen: string[] = [];
		let cursor: string | null = "";

		while (cursor !== null) {
			const query: string = `?ownerID=${owner.user.userID}&limit=2${cursor ? `&cursor=${cursor}` : ""}`;
			const page: { items: { channelID: string }[]; nextCursor: string | null } = await (
				await send("GET", `/channels${query}`)
			).json();
			seen.push(...page.items.map((item) => item.channelID));
			cursor = page.nextCursor;
		}

		expect(seen).toEqual(made.map((channel) => channel.channelID).reverse());
	});

	test("list with a made-up cursor is refused", async () => {
		const reply = await send("GET", "/channels?cursor=Y2hfMQ.x.y");

		expect(await reply.json()).toMatchObject({ code: "bad-cursor", status: 400 });
	});
});

describe("the stream key", () => {
	test("is shown once, then only its last signs", async () => {
		const owner = await registerUser();
		const { channelID } = await makeChannel(owner);

		const { streamKey } = await (
			await send("POST", `/channels/${channelID}/stream-key`, { token: owner.accessToken })
		).json<{ streamKey: string }>();
		const ingest = await send("GET", `/channels/${channelID}/ingest`, { token: owner.accessToken });

		expect(ingest.headers.get("cache-control")).toBe("private, no-store");
		const text = await ingest.text();
		expect(text).not.toContain(streamKey);
		expect(JSON.parse(text)).toEqual({
			whipURL: `http://rostrum.test/whip/${channelID}`,
			streamKeyHint: streamKey.slice(-4),
		});
	});

	test("belongs to the owner alone", async () => {
		const { channelID } = await makeChannel(await registerUser());
		const stranger = await registerUser();

		const replies = await Promise.all([
			send("POST", `/channels/${channelID}/stream-key`, { token: stranger.accessToken }),
			send("GET", `/channels/${channelID}/ingest`, { token: stranger.accessToken }),
			send("DELETE", `/channels/${channelID}/stream-key`, { token: stranger.accessToken }),
		]);

		expect(replies.map((reply) => reply.status)).toEqual([403, 403, 403]);
	});

	test("opens WHIP until it is rotated or revoked, and says why it does not", async () => {
		const owner = await registerUser();
		const { channelID } = await makeChannel(owner);
		const rotate = async () =>
			(
				await (
					await send("POST", `/channels/${channelID}/stream-key`, { token: owner.accessToken })
				).json<{ streamKey: string }>()
			).streamKey;
		const probe = async (key: string) => (await send("GET", `/whip/${channelID}`, { token: key })).status;

		const first = await rotate();
		const before = await probe(first);
		const second = await rotate();
		const statuses = [before, await probe(first), await probe(second), await probe("sk_unknown")];
		await send("DELETE", `/channels/${channelID}/stream-key`, { token: owner.accessToken });

		expect(statuses).toEqual([204, 403, 204, 401]);
		expect(await (await send("GET", `/whip/${channelID}`, { token: second })).json()).toMatchObject({
			code: "key-revoked",
		});
	});

	test("of one channel does not open another", async () => {
		const owner = await registerUser();
		const [mine, other] = [await makeChannel(owner), await makeChannel(owner)];
		const { streamKey } = await (
			await send("POST", `/channels/${mine.channelID}/stream-key`, { token: owner.accessToken })
		).json<{ streamKey: string }>();

		expect((await send("GET", `/whip/${other.channelID}`, { token: streamKey })).status).toBe(403);
	});
});
