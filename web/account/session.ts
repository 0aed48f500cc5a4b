import { computed, signal } from "@preact/signals";
import type * as z from "zod";
import { getMe, logout, type Me, refresh, type Tokens, type User } from "../../protocol/account.ts";
import { ApiError, call, setTokenSource } from "../shell/api.ts";
import { forget, recall, remember } from "../shell/settings.ts";
import { guestTokens } from "./guest-session.ts";
import { TokenKeeper } from "./token-keeper.ts";

export type Session =
	/** A refresh token is there, the server has not answered yet. */
	{ kind: "unknown" } | { kind: "anonymous" } | { kind: "signed-in"; user: z.infer<typeof User> };

const STORAGE_KEY = "rostrum.refresh-token";
/** This browser's own secret: with it a refresh whose answer was lost (a reload in between) may be repeated. */
const ATTEMPT_KEY = "rostrum.refresh-attempt";
const LOCK = "rostrum.session";
/** How long a start waits before it asks again when the server did not answer. */
const RETRY_MS = 5000;

/** Who uses this page. */
export const session = signal<Session>({ kind: "unknown" });
/** The signed-in person's own account with their channels; null before it is loaded. */
export const me = signal<Me | null>(null);
/** The first channel of the signed-in person, or null. */
export const myChannel = computed(() => me.value?.channels[0] ?? null);

const keeper = new TokenKeeper({
	store: {
		read: () => recall(STORAGE_KEY),
		write: (token) => (token === null ? forget(STORAGE_KEY) : remember(STORAGE_KEY, token)),
	},
	exclusive: (work) => (navigator.locks === undefined ? work() : navigator.locks.request(LOCK, () => work())),
	refresh: async (refreshToken) => {
		const reply = await call(refresh, { body: { refreshToken } }, { idempotencyKey: attemptKey() });
		session.value = { kind: "signed-in", user: reply.user };
		return reply;
	},
	isRefusal: (error) =>
		error instanceof ApiError && error.problem.status < 500 && error.problem.status !== 429,
	now: () => Date.now(),
	onLost: becomeAnonymous,
});

function attemptKey(): string {
	const known = recall(ATTEMPT_KEY);
	if (known !== null) return known;
	const made = Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) =>
		byte.toString(16).padStart(2, "0"),
	).join("");
	remember(ATTEMPT_KEY, made);
	return made;
}

/** Takes up the session of the last visit. Called once, at start. */
export function startSession(): void {
	setTokenSource({
		current: () => (keeper.hasSession ? keeper.current() : guestTokens.current()),
		replace: (refused) => (keeper.hasSession ? keeper.replace(refused) : guestTokens.replace(refused)),
	});
	window.addEventListener("storage", (event) => {
		if (event.key === STORAGE_KEY && (event.oldValue === null || event.newValue === null)) restart();
	});
	restart();
}

/** Takes the reply of a login or registration. */
export async function signIn(reply: Tokens & { user: z.infer<typeof User> }): Promise<void> {
	keeper.adopt(reply);
	session.value = { kind: "signed-in", user: reply.user };
	await loadMe();
}

/** Ends this session on the server, and here even if the server does not answer. */
export async function signOut(): Promise<void> {
	const refreshToken = keeper.refreshToken;
	const farewell = call(logout, { body: refreshToken === null ? {} : { refreshToken } });
	try {
		await farewell;
	} catch {
		// The refresh token is forgotten below; on the server it ends by itself.
	}
	keeper.drop();
	becomeAnonymous();
}

/** Fetches the account again, as after making a channel. */
export async function loadMe(): Promise<void> {
	me.value = await call(getMe, {});
}

function restart(): void {
	keeper.invalidate();
	if (!keeper.hasSession) {
		becomeAnonymous();
		return;
	}
	keeper
		.current()
		.then((token) => (token === null ? undefined : loadMe()))
		.catch(() => {
			// No answer: the session may well be good. Until it is known, the page stays as it is and asks again.
			setTimeout(restart, RETRY_MS);
		});
}

function becomeAnonymous(): void {
	session.value = { kind: "anonymous" };
	me.value = null;
}
