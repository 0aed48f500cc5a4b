/** A colour for a name, degrees: the same person has the same one everywhere. */
export function hueOf(userID: string): number {
	let hash = 0;
	for (let index = 0; index < userID.length; index += 1) {
		hash = (Math.imul(hash, 31) + userID.charCodeAt(index)) >>> 0;
	}
	// Steps of the golden angle keep neighbours apart.
	return Math.round((hash % 997) * 137.508) % 360;
}
