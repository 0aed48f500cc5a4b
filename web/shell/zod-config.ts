import * as z from "zod";

/** Without `new Function`: the content security policy forbids it, and even the probe would be reported as a violation. Import before any schema. */
z.config({ jitless: true });
