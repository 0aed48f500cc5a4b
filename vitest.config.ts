import { cloudflareTest, readD1Migrations } from "@cloudflare/vitest-plugin";
import { defineConfig } from "vitest/config";

process.env.CLOUDFLARE_CF_FETCH_ENABLED ??= "false";

/** Of tests with real media in real time: a shared machine may stall for seconds; a fault fails twice. */
const retry = 1;

export default defineConfig({
	test: {
		projects: [
			{
				test: {
					name: "unit",
					include: ["{protocol,domain,webrtc,media,local,web,cli,adapters,scripts}/**/*.test.ts"],
					exclude: ["media/**/*-chain.test.ts"],
					pool: "forks",
				},
			},
			{
				test: {
					name: "media",
					include: ["media/**/*-chain.test.ts"],
					// Real media wants the machine for itself: from here on the groups run one after the other.
					sequence: { groupOrder: 1 },
					retry,
					pool: "forks",
					fileParallelism: false,
				},
			},
			{
				plugins: [
					cloudflareTest(async () => ({
						wrangler: { configPath: "./wrangler.toml" },
						miniflare: { bindings: { TEST_MIGRATIONS: await readD1Migrations("./migrations") } },
					})),
				],
				test: {
					name: "worker",
					// A hundred sockets in one test, on a machine that does other things too.
					testTimeout: 30_000,
					include: ["test/worker/**/*.test.ts"],
					setupFiles: ["test/worker/setup.ts"],
				},
			},
			{
				test: {
					name: "contract",
					sequence: { groupOrder: 2 },
					retry,
					include: ["test/contract/**/*.test.ts"],
					pool: "forks",
					fileParallelism: false,
					testTimeout: 60_000,
					hookTimeout: 60_000,
				},
			},
			{
				test: {
					name: "e2e",
					sequence: { groupOrder: 3 },
					retry,
					include: ["test/e2e/**/*.test.ts"],
					pool: "forks",
					fileParallelism: false,
					testTimeout: 120_000,
					hookTimeout: 120_000,
				},
			},
		],
	},
});
