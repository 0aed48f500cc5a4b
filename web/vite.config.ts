import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { defineConfig, type Plugin } from "vite";

/** Where `vite dev` and `vite preview` send API calls; the built client is served by the Worker itself. */
const apiURL = process.env.ROSTRUM_URL ?? "http://127.0.0.1:8787";

const apiPaths = [
	"auth",
	"users",
	"calls",
	"ice-servers",
	"notifications/socket",
	"ws-tickets",
	"channels",
	"streams",
	"whip",
	"whep",
	"media",
	"uploads",
	"videos",
	"tus",
	"cdn-cgi",
	"emotes",
	"healthz",
	"readyz",
	"openapi.json",
	"problems",
	"v1",
];

const proxy = Object.fromEntries(
	apiPaths.map((path) => [`^/${path}($|[/?])`, { target: apiURL, ws: true, changeOrigin: false }]),
);

export default defineConfig({
	root: fileURLToPath(new URL(".", import.meta.url)),
	publicDir: "public",
	oxc: { jsx: { runtime: "automatic", importSource: "preact" } },
	plugins: [apiReference()],
	css: { modules: { generateScopedName: "[name]-[local]-[hash:base64:4]" } },
	build: {
		outDir: fileURLToPath(new URL("../dist/web", import.meta.url)),
		emptyOutDir: true,
		// Televisions of 2022 and Safari 15: UX of the product starts there.
		target: ["chrome85", "safari15"],
		cssTarget: ["chrome85", "safari15"],
		assetsInlineLimit: 0,
		modulePreload: { polyfill: false },
		sourcemap: true,
		// hls.js is one piece and loaded only where HLS plays.
		chunkSizeWarningLimit: 700,
	},
	server: { proxy, strictPort: true },
	preview: { proxy, strictPort: true, headers: pageHeaders() },
});

/** Puts the API reference's engine beside `public/docs/index.html`: self-hosted, nothing comes from elsewhere. */
function apiReference(): Plugin {
	return {
		name: "api-reference",
		apply: "build",
		generateBundle() {
			for (const file of ["swagger-ui.css", "swagger-ui-bundle.js"]) {
				const source = readFileSync(new URL(`../node_modules/swagger-ui-dist/${file}`, import.meta.url));
				this.emitFile({ type: "asset", fileName: `docs/${file}`, source });
			}
		},
	};
}

/** The headers that `public/_headers` gives every page, so that a preview is as strict as the real thing. */
function pageHeaders(): Record<string, string> {
	const file = readFileSync(new URL("public/_headers", import.meta.url), "utf8");
	const everywhere = file.split(/^(?=\/)/m).find((block) => block.startsWith("/*\n")) ?? "";
	const lines = everywhere.split("\n").slice(1);
	return Object.fromEntries(
		lines.flatMap((line) => {
			const [, name, value] = /^\s+([\w-]+):\s*(.+)$/.exec(line) ?? [];
			return name === undefined || value === undefined ? [] : [[name, value]];
		}),
	);
}
