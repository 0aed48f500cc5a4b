import { createApp } from "./app.ts";
import { consumeVodQueue } from "./vod-queue.ts";

export { CallRoom } from "../durable-objects/call-room.ts";
export { ChatHub } from "../durable-objects/chat-hub.ts";
export { KeyRing } from "../durable-objects/key-ring.ts";
export { LiveStream } from "../durable-objects/live-stream.ts";
export { Pipeline } from "../durable-objects/pipeline.ts";
export { UserHub } from "../durable-objects/user-hub.ts";

const app = createApp("0.1.0");

export default { fetch: app.fetch, queue: consumeVodQueue };
