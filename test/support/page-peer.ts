/** Runs in a browser page: `window.peer`, one RTCPeerConnection and what a test wants of it. `browser-peer.ts` is its remote control. */

export type InboundStatistics = {
	framesDecoded: number;
	keyFramesDecoded: number;
	frameWidth: number;
	frameHeight: number;
	packetsReceived: number;
	packetsLost: number;
	freezeCount: number;
	nackCount: number;
	totalSamplesReceived: number;
	/** Of those, made up because nothing had come in time. */
	concealedSamples: number;
	/** Grows only with sound that is not silence. */
	totalAudioEnergy: number;
	codec: string;
};

export type OutboundStatistics = { rid: string; bytesSent: number; packetsSent: number; frameWidth: number };

export type SentTrack = {
	kind: "audio" | "video";
	/** Best first; without them the track is not simulcast. */
	rids?: readonly string[];
	/** `VP8`, `H264`, `VP9`, `AV1`; the browser's choice by default. */
	codec?: string;
	width?: number;
};

/** One RTCPeerConnection with pictures and tones of its own making. */
class PagePeer {
	#connection: RTCPeerConnection | null = null;

	get connection(): RTCPeerConnection {
		if (this.#connection === null) throw new Error("not open");
		return this.#connection;
	}

	open(configuration: RTCConfiguration): void {
		this.#connection = new RTCPeerConnection({ bundlePolicy: "max-bundle", ...configuration });
		this.#connection.addEventListener("track", (event) => play(event.track));
	}

	send({ kind, rids, codec, width }: SentTrack): void {
		const track = kind === "video" ? makePicture(width ?? 640) : makeTone();
		const transceiver = this.connection.addTransceiver(track, {
			direction: "sendonly",
			...(rids === undefined ? {} : { sendEncodings: encodingsFor(rids) }),
		});
		if (codec !== undefined) preferCodec(transceiver, kind, codec);
	}

	receive(kind: "audio" | "video"): void {
		this.connection.addTransceiver(kind, { direction: "recvonly" });
	}

	stop(mid: string): void {
		this.#transceiver(mid).stop();
	}

	/** Pauses or resumes one simulcast layer, as a browser short of bandwidth does. */
	async setLayerActive(mid: string, rid: string, isActive: boolean): Promise<void> {
		const { sender } = this.#transceiver(mid);
		const parameters = sender.getParameters();
		for (const encoding of parameters.encodings) if (encoding.rid === rid) encoding.active = isActive;
		await sender.setParameters(parameters);
	}

	async offer(options: RTCOfferOptions): Promise<string> {
		await this.connection.setLocalDescription(await this.connection.createOffer(options));
		return this.connection.localDescription?.sdp ?? "";
	}

	async acceptAnswer(sdp: string): Promise<void> {
		await this.connection.setRemoteDescription({ type: "answer", sdp });
	}

	async answer(sdp: string): Promise<string> {
		await this.connection.setRemoteDescription({ type: "offer", sdp });
		await this.connection.setLocalDescription(await this.connection.createAnswer());
		return this.connection.localDescription?.sdp ?? "";
	}

	async answerSending(sdp: string): Promise<string> {
		await this.connection.setRemoteDescription({ type: "offer", sdp });
		for (const transceiver of this.connection.getTransceivers()) {
			transceiver.direction = "sendrecv";
			const isVideo = transceiver.receiver.track.kind === "video";
			await transceiver.sender.replaceTrack(isVideo ? makePicture(640) : makeTone());
		}
		await this.connection.setLocalDescription(await this.connection.createAnswer());
		return this.connection.localDescription?.sdp ?? "";
	}

	async gatheredDescription(): Promise<string> {
		const { connection } = this;
		if (connection.iceGatheringState !== "complete") {
			await new Promise<void>((resolve) => {
				connection.addEventListener("icegatheringstatechange", () => {
					if (connection.iceGatheringState === "complete") resolve();
				});
			});
		}
		return connection.localDescription?.sdp ?? "";
	}

	sentMids(): string[] {
		return this.connection
			.getTransceivers()
			.filter((one) => one.direction.startsWith("send") && one.mid !== null)
			.map((one) => one.mid ?? "");
	}

	async inbound(mid: string): Promise<InboundStatistics> {
		const report = await this.connection.getStats();
		const [entry] = entriesOf(report, "inbound-rtp", mid);
		const number = (name: string) => Number(entry?.[name] ?? 0);
		return {
			framesDecoded: number("framesDecoded"),
			keyFramesDecoded: number("keyFramesDecoded"),
			frameWidth: number("frameWidth"),
			frameHeight: number("frameHeight"),
			packetsReceived: number("packetsReceived"),
			packetsLost: number("packetsLost"),
			freezeCount: number("freezeCount"),
			nackCount: number("nackCount"),
			totalSamplesReceived: number("totalSamplesReceived"),
			concealedSamples: number("concealedSamples"),
			totalAudioEnergy: number("totalAudioEnergy"),
			codec: String(report.get(String(entry?.codecId))?.mimeType ?? ""),
		};
	}

	async outbound(mid: string): Promise<OutboundStatistics[]> {
		return entriesOf(await this.connection.getStats(), "outbound-rtp", mid).map((entry) => ({
			rid: String(entry.rid ?? ""),
			bytesSent: Number(entry.bytesSent ?? 0),
			packetsSent: Number(entry.packetsSent ?? 0),
			frameWidth: Number(entry.frameWidth ?? 0),
		}));
	}

	/** Our end of the pair of candidates that media takes. */
	async way(): Promise<{ candidateType: string; relayProtocol: string }> {
		const report = await this.connection.getStats();
		const taken = { candidateType: "", relayProtocol: "" };
		report.forEach((entry) => {
			if (entry.type !== "candidate-pair" || entry.state !== "succeeded" || !entry.nominated) return;
			const local = report.get(entry.localCandidateId);
			taken.candidateType = local?.candidateType ?? "";
			taken.relayProtocol = local?.relayProtocol ?? "";
		});
		return taken;
	}

	close(): void {
		this.#connection?.close();
	}

	#transceiver(mid: string): RTCRtpTransceiver {
		const found = this.connection.getTransceivers().find((one) => one.mid === mid);
		if (found === undefined) throw new Error(`no transceiver ${mid}`);
		return found;
	}
}

declare global {
	interface Window {
		peer: PagePeer;
	}
}

window.peer = new PagePeer();

/** A picture with detail that moves, so that every layer has something to encode. */
function makePicture(width: number): MediaStreamTrack {
	const canvas = document.createElement("canvas");
	canvas.width = width;
	canvas.height = (width * 9) / 16;
	const context = canvas.getContext("2d");
	if (context === null) throw new Error("no canvas");
	let frame = 0;
	setInterval(() => {
		frame += 1;
		context.fillStyle = `hsl(${frame % 360} 60% 40%)`;
		context.fillRect(0, 0, canvas.width, canvas.height);
		context.fillStyle = "white";
		for (let index = 0; index < 40; index += 1) {
			const x = (index * 97 + frame * 7) % canvas.width;
			context.fillRect(x, (index * 53) % canvas.height, 24, 24);
		}
	}, 50);
	return onlyTrack(canvas.captureStream(20).getVideoTracks());
}

function makeTone(): MediaStreamTrack {
	const context = new AudioContext();
	const oscillator = context.createOscillator();
	const destination = context.createMediaStreamDestination();
	oscillator.connect(destination);
	oscillator.start();
	return onlyTrack(destination.stream.getAudioTracks());
}

function onlyTrack(tracks: MediaStreamTrack[]): MediaStreamTrack {
	const [track] = tracks;
	if (track === undefined) throw new Error("no track");
	return track;
}

function encodingsFor(rids: readonly string[]): RTCRtpEncodingParameters[] {
	return rids.map((rid, index) => ({
		rid,
		scaleResolutionDownBy: 2 ** index,
		maxBitrate: 1_200_000 / 3 ** index,
	}));
}

function preferCodec(transceiver: RTCRtpTransceiver, kind: string, codec: string): void {
	const codecs = RTCRtpSender.getCapabilities(kind)?.codecs ?? [];
	const mimeType = `${kind}/${codec}`.toLowerCase();
	transceiver.setCodecPreferences([
		...codecs.filter((one) => one.mimeType.toLowerCase() === mimeType),
		...codecs.filter((one) => one.mimeType.endsWith("/rtx")),
	]);
}

/** Browsers decode only what somebody plays. */
function play(track: MediaStreamTrack): void {
	const element = document.createElement(track.kind === "video" ? "video" : "audio");
	element.autoplay = true;
	element.srcObject = new MediaStream([track]);
	document.body.append(element);
}

function entriesOf(report: RTCStatsReport, type: string, mid: string): Record<string, unknown>[] {
	const found: Record<string, unknown>[] = [];
	report.forEach((entry: Record<string, unknown>) => {
		if (entry.type === type && entry.mid === mid) found.push(entry);
	});
	return found;
}
