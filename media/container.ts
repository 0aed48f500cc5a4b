/**
 * The media program in a Cloudflare Container, as a Durable Object without a base class. It is not part of the default build: a deployment that wants it
 * adds a Worker entry that exports this class, a `[[containers]]` section with `image = "./media/Dockerfile"` and `class_name = "MediaContainer"`,
 * a Durable Object binding for it, and points `MEDIA_URLS` at a route that calls `env.MEDIA_CONTAINER.getByName("media-1").fetch(request)`.
 * https://developers.cloudflare.com/containers/ and https://developers.cloudflare.com/durable-objects/api/container/
 */
export class MediaContainer {
	readonly #context: ContainerContext;
	readonly #settings: MediaContainerSettings;
	#starting: Promise<void> | null = null;

	constructor(context: ContainerContext, settings: MediaContainerSettings) {
		this.#context = context;
		this.#settings = settings;
	}

	/** Passes the job API on, starting the container if need be. 503 while it does not answer. */
	async fetch(request: Request): Promise<Response> {
		const { container } = this.#context;
		if (container === undefined) return unavailable("no container is bound to this object");
		try {
			this.#starting ??= this.#start(container);
			await this.#starting;
			return await container.getTcpPort(PORT).fetch(request.url.replace(/^https:/, "http:"), request);
		} catch (error) {
			this.#starting = null;
			return unavailable(error instanceof Error ? error.message : String(error));
		}
	}

	/** Starts it unless it runs, and waits until the program answers. The host may end it at any time: then the next request starts it anew. */
	async #start(container: Container): Promise<void> {
		if (!container.running) container.start({ enableInternet: true, env: environment(this.#settings) });
		const ended = container.monitor();
		void ended.then(
			() => this.#forget(),
			() => this.#forget(),
		);
		for (let attempt = 0; attempt < READY_ATTEMPTS; attempt += 1) {
			if (await isReady(container)) return;
			await new Promise<void>((resolve) => setTimeout(resolve, READY_WAIT_MS));
		}
		throw new Error("the media program does not answer");
	}

	#forget(): void {
		this.#starting = null;
	}
}

/** What of a Durable Object's state is used here. */
export type ContainerContext = { container?: Container };

type Container = {
	readonly running: boolean;
	start(options: { enableInternet: boolean; env: Record<string, string> }): void;
	/** Resolves when the container ends, rejects when it fails. */
	monitor(): Promise<void>;
	getTcpPort(port: number): { fetch(url: string, request?: Request): Promise<Response> };
};

/** The Worker's own variables and secrets, as `media/config.ts` names them. */
export type MediaContainerSettings = {
	MEDIA_TOKEN: string;
	REALTIME_API_BASE?: string;
	REALTIME_APP_ID: string;
	REALTIME_APP_SECRET: string;
};

const PORT = 8792;
/** A cold start takes 1 to 3 s (Cloudflare, Containers); give it ten times as long. */
const READY_ATTEMPTS = 100;
const READY_WAIT_MS = 300;

function environment(settings: MediaContainerSettings): Record<string, string> {
	return {
		MEDIA_HOST: "0.0.0.0",
		MEDIA_PORT: String(PORT),
		MEDIA_TOKEN: settings.MEDIA_TOKEN,
		REALTIME_APP_ID: settings.REALTIME_APP_ID,
		REALTIME_APP_SECRET: settings.REALTIME_APP_SECRET,
		...(settings.REALTIME_API_BASE === undefined ? {} : { REALTIME_API_BASE: settings.REALTIME_API_BASE }),
	};
}

async function isReady(container: Container): Promise<boolean> {
	try {
		const response = await container.getTcpPort(PORT).fetch("http://container/health");
		return response.ok;
	} catch {
		// Nobody listens yet.
		return false;
	}
}

function unavailable(detail: string): Response {
	const problem = { type: "/problems/media-unavailable", title: "media-unavailable", status: 503, detail };
	return new Response(JSON.stringify({ ...problem, code: "media-unavailable" }), {
		status: 503,
		headers: { "content-type": "application/problem+json", "retry-after": "2" },
	});
}
