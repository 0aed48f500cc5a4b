import { type WebSocket, WebSocketServer } from "ws";

/** The yardstick for chat fan-out: the least that a Node server can do. */
const server = new WebSocketServer({ host: "127.0.0.1", port: Number(process.argv[2]) });

server.on("connection", (socket: WebSocket) => {
	socket.on("message", (data) => {
		for (const client of server.clients) client.send(String(data));
	});
});
server.on("listening", () => process.send?.("ready"));
