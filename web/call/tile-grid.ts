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

/** Cameras are 16:9. */
const WIDEST = 16 / 9;

/** The largest equal tiles for so many pictures. If they would be smaller than `least`, pages of as many as fit. */
export function fitGrid({
	region,
	count,
	gap,
	least,
	most,
	narrowest,
}: {
	region: Region;
	count: number;
	gap: number;
	least: Size;
	most: number;
	/** How narrow a tile may become, width by height: what is narrower than the picture is cut off at its sides. */
	narrowest: number;
}): GridFit {
	const space = { region, gap, narrowest };
	const onOnePage = bestFit(space, Math.min(Math.max(1, count), most));
	if (count <= most && isAtLeast(onOnePage.tile, least)) return onOnePage;
	for (let perPage = Math.min(count - 1, most); perPage > 1; perPage -= 1) {
		const fit = bestFit(space, perPage);
		if (isAtLeast(fit.tile, least)) return fit;
	}
	return bestFit(space, 1);
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

interface Space {
	region: Region;
	gap: number;
	narrowest: number;
}

function bestFit(space: Space, count: number): GridFit {
	let best: GridFit = { columns: 1, tile: { width: 0, height: 0 }, perPage: count };
	let bestArea = -1;
	for (let columns = 1; columns <= count; columns += 1) {
		const rows = Math.ceil(count / columns);
		const tile = tileIn(space, columns, rows);
		const area = tile.width * tile.height;
		if (area <= bestArea) continue;
		bestArea = area;
		best = { columns, tile, perPage: count };
	}
	return best;
}

/** As large as the cell allows without becoming wider or narrower than pictures bear. */
function tileIn({ region, gap, narrowest }: Space, columns: number, rows: number): Size {
	const cell = {
		width: Math.max(0, (region.width - (columns - 1) * gap) / columns),
		height: Math.max(0, (region.height - (rows - 1) * gap) / rows),
	};
	if (cell.width > cell.height * WIDEST) return { width: cell.height * WIDEST, height: cell.height };
	if (cell.width < cell.height * narrowest) return { width: cell.width, height: cell.width / narrowest };
	return cell;
}

function isAtLeast(size: Size, least: Size): boolean {
	return size.width >= least.width && size.height >= least.height;
}
