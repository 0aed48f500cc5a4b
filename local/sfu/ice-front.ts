import { createSocket, type RemoteInfo, type Socket } from "node:dgram";
import { isStun, isStunIntact, parseStun } from "../../webrtc/stun.ts";
import { type BridgeEnds, IceBridge } from "./ice-bridge.ts";

/**
 * A second UDP port in front of the shared one, for what libjuice cannot do: it answers checks as ICE-lite (RFC 8445 §2.5) under credentials
 * of its own, and carries everything else to and from the shared port, where it plays the client. So a client keeps its DTLS
 * association over an ICE restart, and gets through when its checks are not to libjuice's taste (Chromium 156 sends a tie-breaker
 * of 0 through TURN over TCP, which libjuice takes for none).
 */
export class IceFront {
	readonly #socket: Socket;
	readonly #port: number;
	/** By our ufrag that the client names in its checks. */
	readonly #bridges = new Map<string, IceBridge>();
	/** By address and port, from the first valid check on. */
	readonly #routes = new Map<string, IceBridge>();

	/** Use `IceFront.listen`. */
	constructor(socket: Socket) {
		this.#socket = socket;
		this.#port = socket.address().port;
		socket.on("message", (packet, from) => this.#receive(packet, from));
	}

	/** `port` 0 takes any free one. */
	static async listen(port: number): Promise<IceFront> {
		const socket = createSocket("udp4");
		await new Promise<void>((resolve, reject) => {
			socket.once("error", reject);
			socket.bind(port, resolve);
		});
		return new IceFront(socket);
	}

	get port(): number {
		return this.#port;
	}

	/** Serves one session from now on; see `IceBridge`. */
	open(ends: BridgeEnds): IceBridge {
		const bridge = new IceBridge(ends, (packet, to) => this.#socket.send(packet, to.port, to.address));
		this.#bridges.set(ends.outer.local.ufrag, bridge);
		return bridge;
	}

	/** The client will use these credentials instead. */
	restart(bridge: IceBridge, outer: BridgeEnds["outer"]): void {
		this.#forget(bridge);
		bridge.restart(outer);
		this.#bridges.set(outer.local.ufrag, bridge);
	}

	closeBridge(bridge: IceBridge): void {
		this.#forget(bridge);
		bridge.close();
	}

	close(): void {
		for (const bridge of this.#bridges.values()) bridge.close();
		this.#socket.close();
	}

	#receive(packet: Buffer, from: RemoteInfo): void {
		const key = `${from.address}:${from.port}`;
		if (!isStun(packet)) {
			this.#routes.get(key)?.forwardInward(packet);
			return;
		}
		const message = parseStun(packet);
		if (message?.class !== "request") return;
		const [ufrag = ""] = message.username?.split(":") ?? [];
		const bridge = this.#bridges.get(ufrag);
		if (bridge === undefined || !isStunIntact(packet, bridge.outerKey)) return;
		if (bridge.checked(message, from)) this.#routes.set(key, bridge);
	}

	#forget(bridge: IceBridge): void {
		for (const [ufrag, other] of this.#bridges) if (other === bridge) this.#bridges.delete(ufrag);
		for (const [key, other] of this.#routes) if (other === bridge) this.#routes.delete(key);
	}
}
