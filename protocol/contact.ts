import * as z from "zod";
import { endpoint } from "./endpoint.ts";
import { Timestamp, UserID } from "./ids.ts";

/** `requested`: the caller asked and waits; `pending`: the other one asked and waits for the caller. */
export const ContactState = z.enum(["accepted", "pending", "requested", "blocked"]);
export type ContactState = z.infer<typeof ContactState>;

export const Contact = z.object({
	userID: UserID,
	userName: z.string(),
	displayName: z.string(),
	state: ContactState,
	since: Timestamp,
	isOnline: z.boolean(),
});
export type Contact = z.infer<typeof Contact>;

const contactParams = z.object({ userID: UserID });

export const listContacts = endpoint({
	operationID: "listContacts",
	method: "GET",
	path: "/users/me/contacts",
	summary: "The caller's contacts, requests and blocks",
	auth: "user",
	query: z.object({
		state: ContactState.optional(),
		cursor: z.string().max(512).optional(),
		limit: z.coerce.number().int().min(1).max(100).default(50),
	}),
	status: 200,
	reply: z.object({ items: z.array(Contact), nextCursor: z.string().nullable() }),
	errors: ["bad-cursor"],
});

/** `accepted`: the first side asks, the other side's same call accepts. `blocked` ends it and keeps the other one from asking or calling. Status 201 the first time. */
export const putContact = endpoint({
	operationID: "putContact",
	method: "PUT",
	path: "/users/me/contacts/:userID",
	summary: "Ask, accept or block",
	auth: "user",
	params: contactParams,
	body: z.object({ state: z.enum(["accepted", "blocked"]) }),
	status: 200,
	reply: z.object({ state: ContactState }),
	errors: ["blocked-by-user"],
});

export const deleteContact = endpoint({
	operationID: "deleteContact",
	method: "DELETE",
	path: "/users/me/contacts/:userID",
	summary: "End a contact, take back a request, or lift a block",
	auth: "user",
	params: contactParams,
	status: 204,
});

/** How a person finds another one to add: by the exact user name. */
export const findUser = endpoint({
	operationID: "findUser",
	method: "GET",
	path: "/users",
	summary: "The user with this user name",
	auth: "user",
	query: z.object({ userName: z.string().min(1).max(32) }),
	status: 200,
	reply: z.object({
		items: z.array(z.object({ userID: UserID, userName: z.string(), displayName: z.string() })),
	}),
});
