import "./shell/zod-config.ts";
import "@fontsource-variable/inter/index.css";
import "@fontsource-variable/bricolage-grotesque/index.css";
import "./shell/tokens.css";
import "./shell/base.css";
import { render } from "preact";
import { startSession } from "./account/session.ts";
import { App } from "./shell/app.tsx";
import { reloadOnStaleChunk } from "./shell/stale-chunk.ts";

const root = document.getElementById("app");
if (root === null) throw new Error("index.html has no #app");

reloadOnStaleChunk();
startSession();
render(<App />, root);
