import { routePartyTracksRequest } from "partytracks/server";

type Environment = {
	APP_ID: string;
	APP_SECRET: string;
	BASE_URL: string;
	TURN_ID: string;
	TURN_TOKEN: string;
};

/** partytracks' own server half, as its README mounts it, and a blank page for its browser half. */
const worker = {
	async fetch(request: Request, environment: Environment): Promise<Response> {
		if (!new URL(request.url).pathname.startsWith("/partytracks/")) {
			return new Response("<!doctype html><title>partytracks</title>", {
				headers: { "content-type": "text/html" },
			});
		}
		return await routePartyTracksRequest({
			appId: environment.APP_ID,
			token: environment.APP_SECRET,
			realtimeApiBaseUrl: environment.BASE_URL,
			request,
			...(environment.TURN_ID === ""
				? {}
				: { turnServerAppId: environment.TURN_ID, turnServerAppToken: environment.TURN_TOKEN }),
		});
	},
};

// biome-ignore lint/style/noDefaultExport: how workerd finds the Worker.
export default worker;
