import { JoinCode } from "../protocol/ids.ts";

/** Letters that are not mistaken for each other when read aloud or written down. */
const LETTERS = "abcdefghjkmnpqrstuvwxyz";
const LENGTH = 10;
/** Bytes from here on would make the first letters likelier than the others. */
const FAIR_BELOW = Math.floor(256 / LETTERS.length) * LETTERS.length;

/** A random join code, `abc-defg-hjk`: 45 bits, so that nobody finds a call by guessing. */
export function makeJoinCode(): JoinCode {
	let letters = "";
	while (letters.length < LENGTH) {
		for (const byte of crypto.getRandomValues(new Uint8Array(2 * LENGTH))) {
			if (byte < FAIR_BELOW && letters.length < LENGTH) letters += LETTERS.charAt(byte % LETTERS.length);
		}
	}
	return JoinCode.parse(`${letters.slice(0, 3)}-${letters.slice(3, 7)}-${letters.slice(7)}`);
}
