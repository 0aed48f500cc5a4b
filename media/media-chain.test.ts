import { expect, test } from "vitest";
import { readClock } from "../cli/burned-clock.ts";
import {
	type ChainResult,
	decodeLuma,
	decodeSamples,
	probeFile,
	runMediaChain,
} from "../test/support/media-chain.ts";

const PICTURE = { kind: "testsrc", width: 640, height: 360, framesPerSecond: 30 } as const;

test("H.264 and Opus become gapless, aligned CMAF renditions that decode without an error", {
	timeout: 30_000,
}, async () => {
	const result = await runMediaChain({
		input: { ...PICTURE, width: 854, height: 480 },
		maxHeight: 480,
		videoCodec: "h264",
		kinds: ["video", "audio"],
		seconds: 6,
	});

	expect(result.failures).toEqual([]);
	expect(result.epoch.renditions.map((one) => [one.name, one.width, one.height])).toEqual([
		["480p-h264", 854, 480],
		["360p-h264", 640, 360],
		["audio-aac", undefined, undefined],
	]);
	await expectWholeRenditions(result, { atLeastSeconds: 4.5 });
	expectAlignedSegments(result);
	await expectHonestClock(result);
});

test("VP8 with 5 % loss and reordering becomes the same, because lost packets are asked for again", {
	timeout: 30_000,
}, async () => {
	const result = await runMediaChain({
		input: PICTURE,
		videoCodec: "vp8",
		kinds: ["video", "audio"],
		seconds: 6,
		isLost: (sequenceNumber) => (sequenceNumber * 7919) % 20 === 3,
		delayMs: (sequenceNumber) => ((sequenceNumber * 31) % 9 === 0 ? 12 : 0),
	});

	expect(result.failures).toEqual([]);
	expect(result.counts.requested).toBeGreaterThan(10);
	expect(result.counts.lost).toBeLessThan(result.counts.received * 0.005);
	await expectWholeRenditions(result, { atLeastSeconds: 4.5 });
	expectAlignedSegments(result);
});

test("sound whose clock runs half a percent fast stays gapless and beside the picture", {
	timeout: 30_000,
}, async () => {
	const result = await runMediaChain({
		input: PICTURE,
		videoCodec: "vp8",
		kinds: ["video", "audio"],
		seconds: 7,
		soundClockRatio: 1.005,
	});

	expect(result.failures).toEqual([]);
	await expectWholeRenditions(result, { atLeastSeconds: 5 });
	expectAlignedSegments(result);
});

test("a stream with sound alone and one with picture alone are packaged", { timeout: 30_000 }, async () => {
	// One after the other: two encoders at once are more than two slow cores can do in real time.
	const sound = await runMediaChain({ input: PICTURE, videoCodec: "h264", kinds: ["audio"], seconds: 5 });
	const picture = await runMediaChain({ input: PICTURE, videoCodec: "h264", kinds: ["video"], seconds: 5 });

	expect(sound.epoch.renditions.map((one) => one.name)).toEqual(["audio-aac"]);
	expect(picture.epoch.renditions.map((one) => one.name)).toEqual(["360p-h264"]);
	await expectWholeRenditions(sound, { atLeastSeconds: 3.5 });
	await expectWholeRenditions(picture, { atLeastSeconds: 3.5 });
});

test("a sound track that never sends is silence beside a picture that does", {
	timeout: 30_000,
}, async () => {
	const result = await runMediaChain({
		input: PICTURE,
		videoCodec: "h264",
		kinds: ["video", "audio"],
		seconds: 6,
		mutedKind: "audio",
	});

	expect(result.epoch.renditions.map((one) => one.name)).toEqual(["360p-h264", "audio-aac"]);
	await expectWholeRenditions(result, { atLeastSeconds: 3 });
});

test.each(["h264", "vp8"] as const)(
	"a %s picture that becomes smaller and larger again leaves no hole and no other size in the output",
	{ timeout: 30_000 },
	async (videoCodec) => {
		const result = await runMediaChain({
			input: PICTURE,
			videoCodec,
			kinds: ["video", "audio"],
			seconds: 3,
			followedBy: [
				{ input: { ...PICTURE, width: 320, height: 240 }, seconds: 2 },
				{ input: PICTURE, seconds: 2 },
			],
		});

		expect(result.failures).toEqual([]);
		await expectWholeRenditions(result, { atLeastSeconds: 4 });
		expectAlignedSegments(result);
	},
);

async function expectWholeRenditions(
	result: ChainResult,
	{ atLeastSeconds }: { atLeastSeconds: number },
): Promise<void> {
	for (const rendition of result.epoch.renditions) {
		const { stream, packets, errors } = await probeFile(result.files.get(rendition.name) ?? "");
		expect(errors).toBe("");
		expect(stream.codec_name).toBe(rendition.kind === "video" ? "h264" : "aac");
		expect([stream.width, stream.height]).toEqual([rendition.width, rendition.height]);
		expect(Number(stream.nb_read_frames)).toBe(packets.length);
		const frameTicks = rendition.kind === "video" ? 3000 : 1024;
		expect(packets.map((packet) => packet.dts)).toEqual(packets.map((_, index) => index * frameTicks));
		const last = packets.at(-1);
		expect((last?.dts ?? 0) / rendition.timescale).toBeGreaterThan(atLeastSeconds);
	}
}

function expectAlignedSegments(result: ChainResult): void {
	const counts = new Set<number>();
	for (const { name, kind, timescale } of result.epoch.renditions) {
		const parts = result.parts.get(name) ?? [];
		counts.add(parts.at(-1)?.segment ?? -1);
		for (const part of parts.slice(0, -1)) {
			const seconds = part.duration / timescale;
			expect(seconds).toBeLessThanOrEqual(result.epoch.partTargetSeconds);
			expect(seconds).toBeGreaterThan(result.epoch.partTargetSeconds * 0.85);
			if (kind === "video") expect(seconds).toBe(0.5);
		}
		for (const part of parts.filter((one) => one.part === 0)) {
			expect(part.independent).toBe(true);
			expect(Math.abs(part.time / timescale - (part.segment - 5) * 2)).toBeLessThan(1024 / 48_000);
		}
	}
	expect(counts.size).toBe(1);
}

/** The wall clock burned into each frame, and the beeps at full seconds, are where `startsAt` says they are. */
async function expectHonestClock({ epoch, files }: ChainResult): Promise<void> {
	const luma = await decodeLuma(files.get("360p-h264") ?? "");
	const errorsMs: number[] = [];
	for (let frame = 0; (frame + 1) * 640 * 360 <= luma.length; frame += 1) {
		const samples = luma.subarray(frame * 640 * 360, (frame + 1) * 640 * 360);
		const burned = readClock({ samples, width: 640, height: 360, pixelBytes: 1 });
		if (burned !== null) errorsMs.push(burned - epoch.startsAt - (frame * 1000) / 30);
	}
	const samples = await decodeSamples(files.get("audio-aac") ?? "");
	const beepAt = samples.findIndex((value, index) => index > 4800 && Math.abs(value) > 6000);
	const beepMs = (epoch.startsAt + (beepAt * 1000) / 48_000) % 1000;

	expect(errorsMs.length).toBeGreaterThan(luma.length / (640 * 360) / 2);
	expect(Math.max(...errorsMs.map(Math.abs))).toBeLessThan(50);
	expect(Math.min(beepMs, 1000 - beepMs)).toBeLessThan(20);
}
