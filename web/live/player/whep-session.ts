import { deleteSession, patchAnswer, postOffer, type SdpReply, type SdpSession } from "../sdp-exchange.ts";

/** A WebRTC connection that receives, and the WHEP resource it belongs to. */
export interface WhepSession {
	connection: RTCPeerConnection;
	media: MediaStream;
	/** Ends the session here and on the server; works while the page is being left. */
	close(): void;
}

/**
 * Opens a WHEP session: offers to receive one video and one audio track, or answers the server's counter-offer
 * (draft-ietf-wish-whep §4.3). Ends in ApiError (409 = not live), NoAnswerError or AbortError.
 */
export async function openWhepSession(url: string, signal: AbortSignal): Promise<WhepSession> {
	const connection = new RTCPeerConnection();
	connection.addTransceiver("video", { direction: "recvonly" });
	connection.addTransceiver("audio", { direction: "recvonly" });
	try {
		const offer = await connection.createOffer();
		const reply = await postOffer({ url, sdp: offer.sdp ?? "", bearer: null, signal });
		return await follow({ connection, offer, reply, signal });
	} catch (error) {
		connection.close();
		throw error;
	}
}

async function follow({
	connection,
	offer,
	reply,
	signal,
}: {
	connection: RTCPeerConnection;
	offer: RTCSessionDescriptionInit;
	reply: SdpReply;
	signal: AbortSignal;
}): Promise<WhepSession> {
	try {
		if (reply.kind === "answer") {
			const media = collectTracks(connection);
			// Candidates are gathered only now, so that servers from the answer's Link headers are used (RFC 9725 §4.6).
			// The SFU has a public address and learns ours from the first check: nothing to trickle.
			if (reply.iceServers.length > 0) connection.setConfiguration({ iceServers: reply.iceServers });
			await connection.setLocalDescription(offer);
			await connection.setRemoteDescription({ type: "answer", sdp: reply.sdp });
			return session(connection, media, reply.session);
		}
		connection.close();
		return await answerCounterOffer(reply, signal);
	} catch (error) {
		deleteSession(reply.session);
		throw error;
	}
}

async function answerCounterOffer(
	reply: SdpReply & { kind: "counter-offer" },
	signal: AbortSignal,
): Promise<WhepSession> {
	const connection = new RTCPeerConnection({ iceServers: reply.iceServers });
	try {
		const media = collectTracks(connection);
		await connection.setRemoteDescription({ type: "offer", sdp: reply.sdp });
		const answer = await connection.createAnswer();
		await connection.setLocalDescription(answer);
		await patchAnswer(reply.session, answer.sdp ?? "", signal);
		return session(connection, media, reply.session);
	} catch (error) {
		connection.close();
		throw error;
	}
}

function collectTracks(connection: RTCPeerConnection): MediaStream {
	const media = new MediaStream();
	connection.addEventListener("track", ({ track }) => media.addTrack(track));
	return media;
}

function session(connection: RTCPeerConnection, media: MediaStream, resource: SdpSession): WhepSession {
	let isClosed = false;
	return {
		connection,
		media,
		close: () => {
			if (isClosed) return;
			isClosed = true;
			deleteSession(resource);
			connection.close();
		},
	};
}
