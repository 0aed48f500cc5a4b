import { DurableObject } from "cloudflare:workers";

/** One call: who is there, how media goes, what is allowed. Named by its callID. */
export class CallRoom extends DurableObject<Env> {}
