import { spawn } from "node:child_process";
import { mkdirSync, readFileSync } from "node:fs";
import { build } from "vite";
import * as z from "zod";
import { PROJECT } from "./settings.ts";
import { ensurePrograms } from "./system-packages.ts";

const Report = z.object({
	numPassedTests: z.int(),
	numFailedTests: z.int(),
	numPendingTests: z.int(),
	numFailedTestSuites: z.int(),
});

await main();

/** Every test: unit, worker, contract, e2e. Arguments go to vitest: `npm test -- --project unit`. */
async function main(): Promise<void> {
	const args = process.argv.slice(2);
	const missing = ensurePrograms(["ffmpeg", "turnserver", "chromium"]);
	if (missing.length > 0) process.exit(1);
	// For tests in networks of their own. Elsewhere these skip, and say why.
	if (process.platform === "linux" && process.getuid?.() === 0) ensurePrograms(["ip", "tc", "nft"]);
	await build({ configFile: `${PROJECT}web/vite.config.ts`, logLevel: "warn" });
	mkdirSync(`${PROJECT}.rostrum`, { recursive: true });
	const report = `${PROJECT}.rostrum/test-report.json`;
	const code = await run("vitest", [
		"run",
		"--reporter=default",
		"--reporter=json",
		`--outputFile.json=${report}`,
		...args,
	]);
	const { numPassedTests, numFailedTests, numPendingTests, numFailedTestSuites } = Report.parse(
		JSON.parse(readFileSync(report, "utf8")),
	);
	const failed = numFailedTests > 0 ? numFailedTests : code === 0 ? 0 : Math.max(1, numFailedTestSuites);
	const skipped = numPendingTests > 0 ? `, ${numPendingTests} skipped` : "";
	console.log(`${numPassedTests} passed, ${failed} failed${skipped}`);
	process.exit(failed > 0 ? 1 : 0);
}

function run(command: string, args: string[]): Promise<number> {
	return new Promise((resolve, reject) => {
		const child = spawn(`${PROJECT}node_modules/.bin/${command}`, args, {
			cwd: PROJECT,
			stdio: "inherit",
			env: { ...process.env, PATH: `${PROJECT}node_modules/.bin:${process.env.PATH ?? ""}` },
		});
		child.once("error", reject);
		child.once("exit", (code) => resolve(code ?? 1));
	});
}
