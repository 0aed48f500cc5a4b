import { decodeJwt, errors, importJWK, jwtVerify, SignJWT } from "jose";
import * as z from "zod";
import { AppError } from "../protocol/errors.ts";
import { UserID } from "../protocol/ids.ts";
import type { KeySet } from "./keys.ts";

/** Lifetimes in seconds, CONTRACT §1 and rows 1–7. */
export const ACCESS_TOKEN_SECONDS = 900;
export const GUEST_TOKEN_SECONDS = 3600;
export const TICKET_SECONDS = 30;

/** Who a token speaks for. */
export const Identity = z.object({
	userID: UserID,
	userName: z.string(),
	displayName: z.string(),
	isGuest: z.boolean(),
});
export type Identity = z.infer<typeof Identity>;

const Claims = z.object({
	sub: UserID,
	name: z.string(),
	displayName: z.string(),
	scp: z.enum(["user", "guest"]),
	jti: z.string(),
	exp: z.number(),
});

/** What a ticket opens: one kind of socket of one channel, call or user. */
export interface TicketScope {
	audience: "chat" | "signal" | "notify";
	resource: string;
}

/** A ticket that was checked. The object must still refuse a `ticketID` that it has seen. `expiresAt` in milliseconds. */
export interface VerifiedTicket {
	identity: Identity;
	ticketID: string;
	expiresAt: number;
}

/** Access tokens and socket tickets: ES256 JWTs of this deployment. One algorithm, audiences never mixed. */
export class Tokens {
	readonly #keys: KeySet;

	constructor(keys: KeySet) {
		this.#keys = keys;
	}

	issueAccess(identity: Identity): Promise<string> {
		const seconds = identity.isGuest ? GUEST_TOKEN_SECONDS : ACCESS_TOKEN_SECONDS;
		return this.#issue(identity, "api", seconds);
	}

	/** Throws AppError `unauthenticated`. */
	async verifyAccess(token: string): Promise<Identity> {
		return toIdentity(await this.#verify(token, "api", "unauthenticated"));
	}

	issueTicket(identity: Identity, { audience, resource }: TicketScope): Promise<string> {
		return this.#issue(identity, `${audience}:${resource}`, TICKET_SECONDS);
	}

	/** Throws AppError `bad-ticket`. */
	async verifyTicket(ticket: string, { audience, resource }: TicketScope): Promise<VerifiedTicket> {
		const claims = await this.#verify(ticket, `${audience}:${resource}`, "bad-ticket");
		return { identity: toIdentity(claims), ticketID: claims.jti, expiresAt: claims.exp * 1000 };
	}

	/** As `verifyTicket`, for a socket of the holder's own: the ticket's resource is who holds it. */
	async verifyOwnTicket(ticket: string, audience: TicketScope["audience"]): Promise<VerifiedTicket> {
		return this.verifyTicket(ticket, { audience, resource: readSubject(ticket) });
	}

	async #issue(identity: Identity, audience: string, seconds: number): Promise<string> {
		const { keyID, privateJWK } = this.#keys.tokenKey;
		return new SignJWT({
			name: identity.userName,
			displayName: identity.displayName,
			scp: identity.isGuest ? "guest" : "user",
		})
			.setProtectedHeader({ alg: "ES256", kid: keyID })
			.setSubject(identity.userID)
			.setIssuer("rostrum")
			.setAudience(audience)
			.setJti(crypto.randomUUID())
			.setIssuedAt()
			.setExpirationTime(`${seconds}s`)
			.sign(await importJWK(privateJWK, "ES256"));
	}

	async #verify(token: string, audience: string, code: "unauthenticated" | "bad-ticket") {
		try {
			const key = await importJWK(this.#keys.tokenKey.publicJWK, "ES256");
			const { payload } = await jwtVerify(token, key, { algorithms: ["ES256"], issuer: "rostrum", audience });
			return Claims.parse(payload);
		} catch (cause) {
			const reason = cause instanceof errors.JWTExpired ? "it has expired" : "it is not valid";
			throw new AppError(
				code,
				`The ${code === "bad-ticket" ? "ticket" : "access token"} was refused: ${reason}.`,
				{
					cause,
				},
			);
		}
	}
}

/** Who the ticket claims to be for; true only once it is verified. */
function readSubject(ticket: string): string {
	try {
		return decodeJwt(ticket).sub ?? "";
	} catch {
		// Not a token: verifying it says so.
		return "";
	}
}

function toIdentity(claims: z.infer<typeof Claims>): Identity {
	return {
		userID: claims.sub,
		userName: claims.name,
		displayName: claims.displayName,
		isGuest: claims.scp === "guest",
	};
}
