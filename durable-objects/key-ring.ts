import { DurableObject } from "cloudflare:workers";
import { generateKeySet, type KeySet } from "../adapters/keys.ts";
import { log } from "../adapters/log.ts";

/** The deployment's signing keys: made on the first run, so that nothing has to be configured. One object, `main`. */
export class KeyRing extends DurableObject<Env> {
	#keys: Promise<KeySet> | undefined;

	keys(): Promise<KeySet> {
		this.#keys ??= this.#load();
		return this.#keys;
	}

	async #load(): Promise<KeySet> {
		const stored = await this.ctx.storage.get<KeySet>("keys");
		if (stored) return stored;
		const keys = await generateKeySet();
		await this.ctx.storage.put("keys", keys);
		log.info("keys.generated", { tokenKeyID: keys.tokenKey.keyID });
		return keys;
	}
}
