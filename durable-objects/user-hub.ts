import { DurableObject } from "cloudflare:workers";

/** One user's devices: ringing, presence, notifications. Named by its userID. */
export class UserHub extends DurableObject<Env> {}
