/**
 * Answers the other side's close. It may have given any code, also one that nobody may send (RFC 6455 §7.4): then the answer is 1000,
 * for what has to be done about the loss must not hang on it.
 */
export function answerClose(socket: WebSocket, code: number, reason: string): void {
	try {
		socket.close(code, reason);
	} catch {
		socket.close(1000);
	}
}
