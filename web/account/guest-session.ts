import { type ReadonlySignal, signal } from "@preact/signals";
import * as z from "zod";
import { guest, User } from "../../protocol/account.ts";
import { call, type TokenSource } from "../shell/api.ts";

const STORAGE_KEY = "rostrum.guest";
/** A token is renewed this long before it ends. */
const MARGIN_MS = 5 * 60_000;

const Kept = z.object({ token: z.string(), endsAt: z.number(), user: User });
type Kept = z.infer<typeof Kept>;

const held = signal<Kept | null>(recallGuest());
const user = signal(held.value?.user ?? null);
let isRenewing = false;

/** Who this tab is without an account, or null. A reload does not change it. */
export const guestUser: ReadonlySignal<z.infer<typeof User> | null> = user;

/** Becomes a guest of this name, if this tab is none yet. */
export async function enterAsGuest(displayName: string): Promise<void> {
	if (held.value === null || held.value.endsAt <= Date.now()) await obtain(displayName);
}

/** Where calls get their token while nobody is signed in. */
export const guestTokens: TokenSource = {
	async current() {
		const now = held.value;
		if (now === null) return null;
		if (now.endsAt - Date.now() < MARGIN_MS) {
			// The renewal itself asks here for the old token: it is started, not awaited.
			void renew(now.user.displayName);
		}
		return now.token;
	},
	async replace(refused) {
		const now = held.value;
		if (now === null) return null;
		if (now.token !== refused) return now.token;
		keep(null);
		await obtain(now.user.displayName);
		return held.value?.token ?? null;
	},
};

async function renew(displayName: string): Promise<void> {
	if (isRenewing) return;
	isRenewing = true;
	try {
		await obtain(displayName);
	} catch {
		// The old token may still be good; the next call tries again.
	} finally {
		isRenewing = false;
	}
}

async function obtain(displayName: string): Promise<void> {
	const reply = await call(guest, { body: { displayName } });
	keep({ token: reply.accessToken, endsAt: Date.now() + reply.expiresIn * 1000, user: reply.user });
}

function keep(next: Kept | null): void {
	held.value = next;
	user.value = next?.user ?? null;
	try {
		if (next === null) sessionStorage.removeItem(STORAGE_KEY);
		else sessionStorage.setItem(STORAGE_KEY, JSON.stringify(next));
	} catch {
		// Storage is switched off: the guest lasts as long as the page.
	}
}

function recallGuest(): Kept | null {
	try {
		const kept = Kept.safeParse(JSON.parse(sessionStorage.getItem(STORAGE_KEY) ?? "null"));
		return kept.success && kept.data.endsAt > Date.now() ? kept.data : null;
	} catch {
		// Storage is switched off, or what is in it is not ours.
		return null;
	}
}
