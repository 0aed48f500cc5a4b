/** The network that an address belongs to: an IPv4 address itself, of IPv6 the first 64 bits, which one household has (RFC 6177). */
export function networkOf(address: string): string {
	if (!address.includes(":")) return address;
	const [head = "", tail] = address.toLowerCase().split("::");
	const before = groupsOf(head);
	const after = tail === undefined ? [] : groupsOf(tail);
	const zeros = tail === undefined ? [] : Array.from({ length: 8 - before.length - after.length }, () => "0");
	return `${[...before, ...zeros, ...after].slice(0, 4).join(":")}::/64`;
}

function groupsOf(text: string): string[] {
	return text === "" ? [] : text.split(":").map((group) => group.replace(/^0+(?=.)/, ""));
}
