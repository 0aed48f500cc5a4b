/** A rectangle of the stage, CSS px. */
export interface Region {
	x: number;
	y: number;
	width: number;
	height: number;
}

interface Size {
	width: number;
	height: number;
}

/** Equal tiles in rows. */
export interface GridFit {
	columns: number;
	tile: Size;
	/** How many tiles a page holds. */
	perPage: number;
}

/** Cameras are 16:9; more than a quarter of the width is never cut off on a wide stage. */
const WIDEST = 16 / 9;
const NARROWEST = { wide: 4 / 3, tall: 3 / 4 } as const;

/** The largest equal tiles for so many pictures. If they would be smaller than `least`, pages of as many as fit. */
export function fitGrid({
	region,
	count,
	gap,
	least,
	most,
}: {
	region: Region;
	count: number;
	gap: number;
	least: Size;
	most: number;
}): GridFit {
	const onOnePage = bestFit(region, Math.min(Math.max(1, count), most), gap);
	if (count <= most && isAtLeast(onOnePage.tile, least)) return onOnePage;
	for (let perPage = Math.min(count - 1, most); perPage > 1; perPage -= 1) {
		const fit = bestFit(region, perPage, gap);
		if (isAtLeast(fit.tile, least)) return fit;
	}
	return bestFit(region, 1, gap);
}

/** Where the tiles of one page stand: row by row, the whole in the middle, and the last row too. */
export function placeGrid(region: Region, count: number, { columns, tile }: GridFit, gap: number): Region[] {
	const rows = Math.ceil(count / columns);
	const top = region.y + (region.height - rows * (tile.height + gap) + gap) / 2;
	return Array.from({ length: count }, (_, index) => {
		const row = Math.floor(index / columns);
		const inRow = Math.min(columns, count - row * columns);
		const left = region.x + (region.width - inRow * (tile.width + gap) + gap) / 2;
		return {
			x: Math.round(left + (index - row * columns) * (tile.width + gap)),
			y: Math.round(top + row * (tile.height + gap)),
			width: Math.floor(tile.width),
			height: Math.floor(tile.height),
		};
	});
}

function bestFit(region: Region, count: number, gap: number): GridFit {
	let best: GridFit = { columns: 1, tile: { width: 0, height: 0 }, perPage: count };
	let bestArea = -1;
	for (let columns = 1; columns <= count; columns += 1) {
		const rows = Math.ceil(count / columns);
		const tile = tileIn(region, columns, rows, gap);
		const area = tile.width * tile.height;
		if (area <= bestArea) continue;
		bestArea = area;
		best = { columns, tile, perPage: count };
	}
	return best;
}

/** As large as the cell allows without becoming wider or narrower than pictures bear. */
function tileIn(region: Region, columns: number, rows: number, gap: number): Size {
	const cell = {
		width: Math.max(0, (region.width - (columns - 1) * gap) / columns),
		height: Math.max(0, (region.height - (rows - 1) * gap) / rows),
	};
	const narrowest = region.width >= region.height ? NARROWEST.wide : NARROWEST.tall;
	if (cell.width > cell.height * WIDEST) return { width: cell.height * WIDEST, height: cell.height };
	if (cell.width < cell.height * narrowest) return { width: cell.width, height: cell.width / narrowest };
	return cell;
}

function isAtLeast(size: Size, least: Size): boolean {
	return size.width >= least.width && size.height >= least.height;
}
