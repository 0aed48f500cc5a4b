import { mkdirSync, writeFileSync } from "node:fs";
import { cpus } from "node:os";
import { measureQuietChat } from "./quiet-chat.ts";
import { measureVodLadder } from "./vod-ladder.ts";
import { measureVodPlayable } from "./vod-playable.ts";

const BENCHES = {
	"quiet-chat": measureQuietChat,
	"vod-playable": measureVodPlayable,
	"vod-ladder": measureVodLadder,
};

await main();

/** `npm run bench [name …]`: runs the benches and writes what they found to bench/results/. */
async function main(): Promise<void> {
	const wanted = process.argv.slice(2);
	const folder = new URL("results/", import.meta.url);
	mkdirSync(folder, { recursive: true });
	for (const [name, measure] of Object.entries(BENCHES)) {
		if (wanted.length > 0 && !wanted.includes(name)) continue;
		const result = await measure();
		const report = {
			bench: name,
			at: new Date().toISOString(),
			machine: `${cpus().length} × ${cpus()[0]?.model ?? "unknown"}`,
			...result,
		};
		writeFileSync(new URL(`${name}.json`, folder), `${JSON.stringify(report, null, "\t")}\n`);
		console.log(JSON.stringify(report, null, 2));
	}
}
