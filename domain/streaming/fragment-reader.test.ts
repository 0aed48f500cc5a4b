import * as fc from "fast-check";
import { expect, test } from "vitest";
import { MediaFormatError, writeBox } from "./boxes.ts";
import { type Sample, writeFragment } from "./fragment.ts";
import { concatBytes, type FragmentEvent, FragmentReader } from "./fragment-reader.ts";
import { audioHeader, videoHeader } from "./synthetic-track.ts";

const samplesOf = (events: FragmentEvent[]) =>
	events.flatMap((event) => (event.type === "samples" ? event.samples : []));

/** Frames that follow each other, in fragments of one to four. */
const fragments = fc
	.array(
		fc.array(
			fc.record({
				duration: fc.integer({ min: 1, max: 100_000 }),
				compositionOffset: fc.integer({ min: -5000, max: 5000 }),
				isSync: fc.boolean(),
				data: fc.uint8Array({ minLength: 1, maxLength: 60 }),
			}),
			{ minLength: 1, maxLength: 4 },
		),
		{ minLength: 1, maxLength: 12 },
	)
	.map((groups) => {
		let time = 2 ** 32 - 1000;
		return groups.map((group) =>
			group.map((frame): Sample => {
				const sample = { ...frame, time };
				time += frame.duration;
				return sample;
			}),
		);
	});

test("samples written and read again are the same, wherever the bytes are cut", () => {
	void fc.assert(
		fc.property(fragments, fc.array(fc.integer({ min: 1, max: 300 }), { minLength: 1 }), (groups, cuts) => {
			const file = concatBytes([
				videoHeader(),
				...groups.map((group, index) => writeFragment(index + 1, 1, group)),
				writeBox("mfra", new Uint8Array(20)),
			]);
			const reader = new FragmentReader();
			const events: FragmentEvent[] = [];

			for (let offset = 0, turn = 0; offset < file.length; turn += 1) {
				const length = cuts[turn % cuts.length] ?? 1;
				events.push(...reader.push(file.subarray(offset, offset + length)));
				offset += length;
			}
			reader.end();

			expect(events.filter((event) => event.type === "init")).toHaveLength(1);
			expect(samplesOf(events)).toEqual(groups.flat());
		}),
		{ numRuns: 200 },
	);
});

test("the header's codec, size and timescale are read for H.264 and AAC", () => {
	const [video] = new FragmentReader().push(videoHeader({ width: 854, height: 480 }));
	const [audio] = new FragmentReader().push(audioHeader());

	expect(video).toMatchObject({
		init: { kind: "video", codecs: "avc1.64001f", width: 854, height: 480, timescale: 90_000, trackID: 1 },
	});
	expect(audio).toMatchObject({ init: { kind: "audio", codecs: "mp4a.40.2", timescale: 48_000 } });
});

test("garbage ends in a MediaFormatError and never in another error or in unbounded waiting", () => {
	const noise = fc.oneof(
		fc.uint8Array({ maxLength: 400 }),
		fc.tuple(fc.nat(), fc.nat({ max: 255 }), fragments).map(([where, value, groups]) => {
			const file = concatBytes([
				videoHeader(),
				...groups.map((group, index) => writeFragment(index + 1, 1, group)),
			]);
			file[where % file.length] = value;
			return file;
		}),
	);
	void fc.assert(
		fc.property(noise, (bytes) => {
			const reader = new FragmentReader();
			try {
				reader.push(bytes);
				reader.end();
			} catch (error) {
				expect(error).toBeInstanceOf(MediaFormatError);
			}
		}),
		{ numRuns: 1000 },
	);
});

test.each([
	["a box of 2 GB", new Uint8Array([0x7f, 0xff, 0xff, 0xff, 0x6d, 0x6f, 0x6f, 0x66])],
	["text", new TextEncoder().encode("\n\nHTTP/1.1 200 OK")],
	["a size of nothing", new Uint8Array([0, 0, 0, 0, 0x6d, 0x6f, 0x6f, 0x76])],
	["media before its header", writeFragment(1, 1, [sample(0)])],
])("%s is refused at once", (_, bytes) => {
	expect(() => new FragmentReader().push(bytes)).toThrow(MediaFormatError);
});

test("a stream that ends inside a fragment says so", () => {
	const reader = new FragmentReader();
	reader.push(concatBytes([videoHeader(), writeFragment(1, 1, [sample(0)])]).subarray(0, -1));

	expect(() => reader.end()).toThrow("ends inside a fragment");
});

function sample(time: number): Sample {
	return { time, duration: 3000, compositionOffset: 0, isSync: true, data: new Uint8Array([1, 2, 3]) };
}
