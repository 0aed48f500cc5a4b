import { guestUser } from "./guest-session.ts";
import { session } from "./session.ts";

/** Who this page is for, with an account or as a guest; "you" before either is known. It decides colours and who is host. */
export function ownID(): string {
	if (session.value.kind === "signed-in") return session.value.user.userID;
	return guestUser.value?.userID ?? "you";
}
