/** Whether this page may ask for devices at all. */
export function canCapture(): boolean {
	return window.isSecureContext && navigator.mediaDevices !== undefined;
}
