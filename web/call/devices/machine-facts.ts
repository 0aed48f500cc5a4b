import type { CodecLists } from "./capabilities.ts";
import type { MachineFacts } from "./capture-size.ts";

/** What this machine is and hangs on, as far as the browser tells. */
export function machineFacts(): MachineFacts {
	const connection: unknown = "connection" in navigator ? navigator.connection : null;
	const type = memberOf(connection, "type");
	const downlink = memberOf(connection, "downlink");
	const shorterSide = Math.min(screen.width, screen.height) * window.devicePixelRatio;
	return {
		cores: navigator.hardwareConcurrency > 0 ? navigator.hardwareConcurrency : null,
		screenHeight: Math.round(shorterSide),
		networkType: typeof type === "string" ? type : null,
		downlinkMbps: typeof downlink === "number" ? downlink : null,
		savesData: memberOf(connection, "saveData") === true,
	};
}

/** Codecs that this browser sends and receives. */
export function codecLists(): CodecLists {
	const send = (kind: string) => RTCRtpSender.getCapabilities?.(kind)?.codecs ?? [];
	const recv = (kind: string) => RTCRtpReceiver.getCapabilities?.(kind)?.codecs ?? [];
	return {
		send: [...send("video"), ...send("audio")],
		recv: [...recv("video"), ...recv("audio")],
	};
}

function memberOf(value: unknown, name: string): unknown {
	return typeof value === "object" && value !== null ? Reflect.get(value, name) : undefined;
}
