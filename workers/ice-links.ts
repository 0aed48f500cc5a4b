import { log } from "../adapters/log.ts";
import type { Services } from "./services.ts";

/** TURN credentials given to an encoder or viewer live as long as a long broadcast. */
const TTL_SECONDS = 86_400;

/** `Link` headers of WHIP and WHEP answers, RFC 9725 §4.6. Without TURN, or if it fails, there are none. */
export async function iceServerLinks(services: Services): Promise<string[]> {
	try {
		const servers = (await services.turn()?.iceServers(TTL_SECONDS)) ?? [];
		return servers.flatMap((server) =>
			[server.urls].flat().map((url) => {
				const credentials =
					server.username === undefined
						? ""
						: `; username="${server.username}"; credential="${server.credential}"; credential-type="password"`;
				return `<${url}>; rel="ice-server"${credentials}`;
			}),
		);
	} catch (error) {
		log.error("turn.unavailable", error);
		return [];
	}
}
