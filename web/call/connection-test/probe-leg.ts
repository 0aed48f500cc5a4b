import type { IceServer } from "../../../protocol/realtime-api.ts";
import type { Leg, LegState } from "./legs.ts";

/** A leg that has not answered by then is blocked. TURN over TLS takes five round trips; the whole test must end in 10 s. */
const WITHIN_MS = 8000;

/** Tries one leg: an own connection with this server alone; what it gathers shows whether packets came back. */
export async function probeLeg(
	leg: Leg,
	servers: readonly IceServer[],
	until: AbortSignal,
): Promise<LegState> {
	if (servers.length === 0) return "missing";
	const connection = new RTCPeerConnection({
		iceServers: servers.map(toRtcServer),
		iceTransportPolicy: leg === "stun" ? "all" : "relay",
	});
	try {
		const answered = leg === "stun" ? whenMapped(connection, until) : whenRelayed(connection, until);
		connection.createDataChannel("probe");
		await connection.setLocalDescription();
		return (await answered) ? "ok" : "blocked";
	} finally {
		connection.close();
	}
}

/** A relay candidate is an allocation that the server confirmed. */
function whenRelayed(connection: RTCPeerConnection, until: AbortSignal): Promise<boolean> {
	return whenDecided(until, (decide) => {
		connection.onicecandidate = ({ candidate }) => {
			if (isEnd(candidate)) decide(false);
			else if (candidate?.type === "relay") decide(true);
		};
	});
}

/**
 * A server-reflexive candidate is an answer of the STUN server. Where nothing translates addresses it would be the host's own
 * again and is left out (RFC 8445 §5.1.3); then an end of gathering without an error on every interface is the answer.
 */
function whenMapped(connection: RTCPeerConnection, until: AbortSignal): Promise<boolean> {
	return whenDecided(until, (decide) => {
		let hosts = 0;
		let errors = 0;
		connection.onicecandidateerror = () => {
			errors += 1;
		};
		connection.onicecandidate = ({ candidate }) => {
			if (isEnd(candidate)) decide(hosts > errors);
			else if (candidate?.type === "srflx") decide(true);
			else if (candidate?.type === "host" && candidate.protocol === "udp") hosts += 1;
		};
	});
}

/** The end of gathering comes as null or as an empty candidate. */
function isEnd(candidate: RTCIceCandidate | null): boolean {
	return candidate === null || candidate.candidate === "";
}

/** False if time is up or it is called off first. */
function whenDecided(until: AbortSignal, start: (decide: (isOk: boolean) => void) => void): Promise<boolean> {
	return new Promise((resolve) => {
		const timer = setTimeout(() => decide(false), WITHIN_MS);
		const stop = () => decide(false);
		until.addEventListener("abort", stop, { once: true });
		function decide(isOk: boolean): void {
			clearTimeout(timer);
			until.removeEventListener("abort", stop);
			resolve(isOk);
		}
		start(decide);
	});
}

function toRtcServer({ urls, username, credential }: IceServer): RTCIceServer {
	return {
		urls,
		...(username === undefined ? {} : { username }),
		...(credential === undefined ? {} : { credential }),
	};
}
