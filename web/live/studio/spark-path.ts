/** An SVG path through values, oldest first, scaled to their maximum. Nulls break the line. */
export function sparkPath(values: readonly (number | null)[], width: number, height: number): string {
	const top = Math.max(1, ...values.map((value) => value ?? 0));
	const step = values.length > 1 ? width / (values.length - 1) : 0;
	let isDrawing = false;
	const parts: string[] = [];
	values.forEach((value, index) => {
		if (value !== null) {
			const y = height - 2 - (value / top) * (height - 4);
			parts.push(`${isDrawing ? "L" : "M"}${round(index * step)} ${round(y)}`);
		}
		isDrawing = value !== null;
	});
	return parts.join("");
}

function round(value: number): number {
	return Math.round(value * 10) / 10;
}
