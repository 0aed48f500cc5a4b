import { AppError } from "../protocol/errors.ts";
import type { Services } from "./services.ts";

/** At most so many in a minute as `wrangler.toml` says, for each `key`: an address, or what a user does. Throws AppError `rate-limited`. */
export async function limitRate(services: Services, key: string): Promise<void> {
	const { success } = await services.env.AUTH_RATE_LIMIT.limit({ key });
	if (success) return;
	throw new AppError("rate-limited", "Too many attempts. Wait a minute.", {
		headers: { "Retry-After": "60" },
	});
}
