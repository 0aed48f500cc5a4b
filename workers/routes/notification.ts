import type { NotifyVisitor } from "../../durable-objects/user-hub.ts";
import type { App } from "../route.ts";
import { requireOwnTicket, upgraded, upgradeRequest } from "../sockets.ts";

/** The socket of one of the caller's devices, notify.v1 (CONTRACT row 96). */
export function mountNotification(app: App): void {
	app.get("/notifications/socket", async (context) => {
		const services = context.get("services");
		const { identity, ticketID, expiresAt } = await requireOwnTicket(context, services, "notify");
		const visitor: NotifyVisitor = { userID: identity.userID, ticket: { ticketID, expiresAt } };
		const request = upgradeRequest(context, visitor, "notify.v1");
		return upgraded(await services.userHub(identity.userID).fetch(request));
	});
}
