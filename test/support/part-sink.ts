import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { Part } from "../../domain/streaming/repackager.ts";
import { LiveEpoch, LiveHeartbeat, LivePartQuery } from "../../protocol/media-job.ts";

type Stored = Omit<Part, "bytes"> & { bytes: Buffer };

/** The Worker's end of a live job as protocol/media-job.ts has it: keeps what it is sent, and insists on the order. It can be away for a while. */
export class PartSink {
	epoch: LiveEpoch | null = null;
	readonly parts = new Map<string, Stored[]>();
	readonly heartbeats: LiveHeartbeat[] = [];
	isClosed = false;
	/** Answers everything with this problem, if set. */
	refuseWith: { status: number; code: string } | null = null;
	#server: Server | null = null;
	#port: number;

	constructor(port = 0) {
		this.#port = port;
	}

	get url(): string {
		return `http://127.0.0.1:${this.#port}/live`;
	}

	async listen(): Promise<void> {
		const server = createServer((request, response) => void this.#handle(request, response));
		this.#server = server;
		await new Promise<void>((resolve) => server.listen(this.#port, "127.0.0.1", resolve));
		const address = server.address();
		if (typeof address === "object" && address !== null) this.#port = address.port;
	}

	/** Cuts all connections and refuses new ones until `listen()`. */
	async leave(): Promise<void> {
		const server = this.#server;
		server?.closeAllConnections();
		await new Promise((resolve) => server?.close(resolve));
	}

	/** Forgets parts from this one on, as a server does that lost what it had not stored. */
	forget(rendition: string, from: { segment: number; part: number }): void {
		const parts = this.parts.get(rendition) ?? [];
		const index = parts.findIndex((part) => part.segment === from.segment && part.part === from.part);
		parts.splice(index);
	}

	async #handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
		const chunks: Buffer[] = [];
		for await (const chunk of request) chunks.push(Buffer.from(chunk));
		const body = Buffer.concat(chunks);
		const url = new URL(request.url ?? "", this.url);
		if (this.refuseWith !== null) {
			response.writeHead(this.refuseWith.status).end(JSON.stringify({ code: this.refuseWith.code }));
			return;
		}
		if (request.headers.authorization !== "Bearer token") {
			response.writeHead(401).end("{}");
			return;
		}
		const path = url.pathname.split("/").slice(2);
		if (path.length === 0) this.epoch = LiveEpoch.parse(JSON.parse(body.toString()));
		else if (path[0] === "heartbeat") this.heartbeats.push(LiveHeartbeat.parse(JSON.parse(body.toString())));
		else if (path[0] === "close") this.isClosed = true;
		else {
			const expected = this.#store(path, LivePartQuery.parse(Object.fromEntries(url.searchParams)), body);
			if (expected !== null) {
				response.writeHead(409).end(JSON.stringify({ code: "part-out-of-order", expected }));
				return;
			}
		}
		response.writeHead(204).end();
	}

	/** Null if stored or known; otherwise what is missing. */
	#store(path: string[], query: LivePartQuery, bytes: Buffer): { segment: number; part: number } | null {
		const [rendition = "", segment, part] = path;
		const parts = this.parts.get(rendition) ?? [];
		this.parts.set(rendition, parts);
		const given = { segment: Number(segment), part: Number(part) };
		if (parts.some((one) => one.segment === given.segment && one.part === given.part)) return null;
		const newest = parts.at(-1);
		const expected =
			newest === undefined
				? { segment: 0, part: 0 }
				: newest.last
					? { segment: newest.segment + 1, part: 0 }
					: { segment: newest.segment, part: newest.part + 1 };
		if (given.segment !== expected.segment || given.part !== expected.part) return expected;
		const { time, duration, independent, last } = query;
		parts.push({ ...given, time, duration, independent: independent === "1", last: last === "1", bytes });
		return null;
	}
}
