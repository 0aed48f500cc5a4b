import { useEffect } from "preact/hooks";

/** Keeps the screen on while the calling component is; the system takes the lock whenever the page is hidden. */
export function useWakeLock(): void {
	useEffect(() => {
		if (!("wakeLock" in navigator)) return;
		let lock: WakeLockSentinel | null = null;
		let isOver = false;
		async function take(): Promise<void> {
			if (document.hidden || isOver) return;
			try {
				lock = await navigator.wakeLock.request("screen");
				if (isOver) await lock.release();
			} catch {
				// A low battery, or the person's settings: the screen may go dark, the call goes on.
			}
		}
		const retake = () => void take();
		document.addEventListener("visibilitychange", retake);
		void take();
		return () => {
			isOver = true;
			document.removeEventListener("visibilitychange", retake);
			void lock?.release();
		};
	}, []);
}
