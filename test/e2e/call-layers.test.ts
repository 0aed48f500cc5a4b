import type { Browser } from "playwright-core";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { type Subscription, setPreferences } from "../../protocol/call-sfu.ts";
import type { ParticipantID } from "../../protocol/ids.ts";
import { CallPage } from "../support/call-page.ts";
import { launchChromium } from "../support/chromium.ts";
import { eventually, System } from "../support/system.ts";

let system: System;
let browser: Browser;
let stage: CallPage;

beforeAll(async () => {
	system = await System.start(19_120);
	browser = await launchChromium();
	stage = await CallPage.open(browser, system.url);
});
afterEach(() => stage.leaveAll());
afterAll(async () => {
	await browser?.close();
	await system?.[Symbol.asyncDispose]();
});

function wishFor(participantID: ParticipantID, height: number): Subscription {
	return { participantID, source: "cam", height, priority: 1 };
}

async function wish(list: readonly Subscription[]): Promise<void> {
	await stage.page.evaluate((wishes) => window.calls.get("Viewer").session.setWishes(wishes), [...list]);
}

/** The camera of `of` as the viewer receives it; null if not at all. */
async function camera(of: string) {
	return (await stage.inbound("Viewer", of)).find(({ source }) => source === "cam") ?? null;
}

/** Waits until new frames of that camera have this height. */
async function comesAt(of: string, height: number, withinMs = 20_000): Promise<void> {
	const before = (await camera(of))?.framesDecoded ?? 0;
	await eventually(async () => {
		const now = await camera(of);
		return now?.height === height && now.framesDecoded > before + 3;
	}, withinMs);
}

test("a pinned tile gets the top layer, the others the lowest, hidden ones nothing, and who has left no row", async () => {
	const call = await stage.begin(["Large"], {
		topology: "sfu",
		picture: { width: 1280, height: 720, fps: 10 },
	});
	const large = call.participantIDs.get("Large");
	const other = await stage.join(call.code, "Other", { picture: { width: 640, height: 360, fps: 10 } });
	const viewer = await stage.newUser();
	await stage.join(call.code, "Viewer", { token: viewer.token ?? "", cam: false });
	await stage.allSeeAll(["Large", "Other", "Viewer"]);
	const small = (await stage.state("Viewer")).people.find(
		({ participantID }) => participantID === other,
	)?.participantID;
	if (large === undefined || small === undefined) throw new Error("somebody is missing");

	await wish([wishFor(large, 720), wishFor(small, 90)]);
	await comesAt("Large", 720);
	await comesAt("Other", 180);
	await wish([wishFor(large, 90), wishFor(small, 360)]);
	await comesAt("Large", 180);
	await comesAt("Other", 360);

	await wish([wishFor(small, 360)]);
	await eventually(async () => (await camera("Large")) === null, 10_000);
	const hidden = (await stage.state("Viewer")).people.find(({ name }) => name === "Large");
	expect(hidden?.videoState).toBe("paused");
	expect((await stage.inbound("Viewer", "Large")).map(({ source }) => source)).toEqual(["mic"]);
	await wish([wishFor(large, 360), wishFor(small, 360)]);
	await comesAt("Large", 360);

	const params = { callID: call.callID };
	const subscriptions = [wishFor(large, 360), wishFor(small, 360)];
	const rows = async () =>
		(await viewer.call(setPreferences, { params, body: { subscriptions } })).forwarding;
	expect(await rows()).toEqual([
		{ ...wishFor(large, 360), rid: "b" },
		{ ...wishFor(small, 360), rid: "a" },
	]);
	await stage.page.evaluate(() => window.calls.leave("Large"));
	await eventually(async () => (await rows()).length === 1, 5000);
	expect(await rows()).toEqual([{ ...wishFor(small, 360), rid: "a" }]);
});

test("a direct video is sent as large as it is on screen, and not at all when it is not there", async () => {
	const call = await stage.begin(["Viewer"], { topology: "p2p", cam: false });
	await stage.join(call.code, "Large", { picture: { width: 1280, height: 720, fps: 10 } });
	await comesAt("Large", 720);
	const large = (await stage.state("Viewer")).people[0]?.participantID;
	if (large === undefined) throw new Error("nobody there");

	await wish([wishFor(large, 180)]);
	await comesAt("Large", 180);
	await wish([]);
	await eventually(async () => (await stage.state("Viewer")).people[0]?.videoState === "paused", 10_000);
	const hidden = await camera("Large");
	await stage.page.waitForTimeout(1000);
	expect((await camera("Large"))?.bytes).toBe(hidden?.bytes);
	expect((await stage.state("Viewer")).people[0]?.level).toBeGreaterThan(0);

	await wish([wishFor(large, 720)]);
	await comesAt("Large", 720, 60_000);
});

test("the room's weakest member limits the pictures of a direct call", async () => {
	const call = await stage.begin(["Viewer"], { topology: "p2p", cam: false });
	await stage.join(call.code, "Large", { picture: { width: 1280, height: 720, fps: 10 } });
	await comesAt("Large", 720);

	await stage.join(call.code, "Weak", { maxHeight: 180 });
	await comesAt("Large", 180);

	await stage.page.evaluate(() => window.calls.leave("Weak"));
	await comesAt("Large", 720, 60_000);
});

test.each(["p2p", "sfu"] as const)(
	"by %s everybody sends the codec that all can decode, and nobody is cut off for it",
	async (topology) => {
		const call = await stage.begin(["Viewer", "Large"], { topology });
		await eventually(async () => (await camera("Large"))?.codec === "video/VP8", 20_000);
		await stage.resetGaps();

		await stage.join(call.code, "Phone", { codecs: ["h264"] });
		await eventually(async () => {
			const now = await camera("Large");
			return now?.codec === "video/H264" && now.framesDecoded > 3;
		}, 30_000);
		await stage.allSeeAll(["Viewer", "Large", "Phone"]);

		expect((await stage.gaps()).Viewer?.Large?.longestSilenceMs).toBeLessThan(100);
	},
);
