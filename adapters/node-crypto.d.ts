/** The one function of Node's crypto that workerd runs natively and we use; its other types do not fit Workers. */
declare module "node:crypto" {
	export function scrypt(
		password: string,
		salt: Uint8Array,
		keyLength: number,
		cost: { N: number; r: number; p: number },
		callback: (error: Error | null, key: Uint8Array) => void,
	): void;
}
