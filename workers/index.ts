import { createApp } from "./app.ts";

export { ChatHub } from "../durable-objects/chat-hub.ts";
export { KeyRing } from "../durable-objects/key-ring.ts";
export { LiveStream } from "../durable-objects/live-stream.ts";

const app = createApp("0.1.0");

export default { fetch: app.fetch };
