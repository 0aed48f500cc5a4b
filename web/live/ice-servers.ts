/**
 * ICE servers from the `Link` headers of a WHIP or WHEP answer (RFC 9725 §4.6):
 * `<turn:host:port?transport=udp>; rel="ice-server"; username="u"; credential="c"; credential-type="password"`.
 */
export function iceServersOf(linkHeader: string | null): RTCIceServer[] {
	if (linkHeader === null) return [];
	const servers: RTCIceServer[] = [];
	for (const link of splitLinks(linkHeader)) {
		const url = /^\s*<([^>]*)>/.exec(link)?.[1];
		if (url === undefined || parameter(link, "rel") !== "ice-server") continue;
		const username = parameter(link, "username");
		const credential = parameter(link, "credential");
		servers.push({
			urls: url,
			...(username === null ? {} : { username }),
			...(credential === null ? {} : { credential }),
		});
	}
	return servers;
}

/** Commas separate links, but may also stand inside `<…>` and `"…"`. */
function splitLinks(header: string): string[] {
	return header.match(/(?:<[^>]*>|"(?:[^"\\]|\\.)*"|[^,<"])+/g) ?? [];
}

function parameter(link: string, name: string): string | null {
	const match = new RegExp(`;\\s*${name}\\s*=\\s*(?:"((?:[^"\\\\]|\\\\.)*)"|([^;\\s]+))`, "i").exec(link);
	if (match === null) return null;
	return match[1]?.replace(/\\(.)/g, "$1") ?? match[2] ?? null;
}
