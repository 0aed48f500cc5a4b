import type { JSX } from "preact";
import { artShape } from "./art-shape.ts";

const WIDTH = 320;
const HEIGHT = 180;
const BASE = 128;

/** Stands where a thumbnail would: a level meter in the channel's own colour, lit while it is live. */
export function ChannelArt({ seed, isLive }: { seed: string; isLive: boolean }): JSX.Element {
	const { hue, bars } = artShape(seed);
	const step = WIDTH / bars.length;
	const colour = `hsl(${hue} ${isLive ? 62 : 22}% ${isLive ? 58 : 46}%)`;
	return (
		<svg
			viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
			preserveAspectRatio="xMidYMid slice"
			aria-hidden="true"
			focusable="false"
		>
			<rect width={WIDTH} height={HEIGHT} fill={`hsl(${hue} 24% 11%)`} />
			<line x1="0" x2={WIDTH} y1={BASE} y2={BASE} stroke={colour} stroke-opacity="0.35" />
			{bars.map((height, index) => (
				<g key={index} fill={colour}>
					<rect
						x={index * step + step * 0.22}
						y={BASE - height * 92}
						width={step * 0.56}
						height={height * 92}
						rx="2"
						fill-opacity={0.35 + height * 0.6}
					/>
					<rect
						x={index * step + step * 0.22}
						y={BASE + 2}
						width={step * 0.56}
						height={height * 30}
						rx="2"
						fill-opacity="0.14"
					/>
				</g>
			))}
		</svg>
	);
}
