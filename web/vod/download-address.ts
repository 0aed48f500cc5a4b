/** A signed address, asked to be saved and not shown. */
export function downloadAddress(signed: string): string {
	const url = new URL(signed, location.href);
	url.searchParams.set("download", "1");
	return url.href;
}
