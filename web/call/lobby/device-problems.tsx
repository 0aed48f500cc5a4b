import type { JSX } from "preact";
import { bothDevices, type DeviceProblem } from "../../devices/device-problem.ts";
import controls from "../../shell/controls.module.css";
import { Icon } from "../../shell/icons.tsx";
import type { LocalMedia } from "../devices/local-media.ts";
import styles from "./preview.module.css";

/** What keeps camera and microphone away, each with its way out. The same trouble with both is told once. */
export function DeviceProblems({ media }: { media: LocalMedia }): JSX.Element {
	const mic = media.micProblem.value;
	const cam = media.camProblem.value;
	const isOne = mic !== null && cam !== null && mic.kind === cam.kind;
	return (
		<div class={styles.problems} role="alert">
			{cam === null ? null : (
				<Problem problem={cam} device={isOne ? "both" : "camera"} retry={() => void again(media)} />
			)}
			{mic === null || isOne ? null : (
				<Problem problem={mic} device="microphone" retry={() => void media.microphone.open()} />
			)}
			<p class={styles.comfort}>You can join without them: you hear and see everybody, and can write.</p>
		</div>
	);
}

async function again(media: LocalMedia): Promise<void> {
	if (media.micProblem.value !== null) await media.openBoth();
	else await media.setCam(true);
}

function Problem({
	problem,
	device,
	retry,
}: {
	problem: DeviceProblem;
	device: "both" | "camera" | "microphone";
	retry: () => void;
}): JSX.Element {
	const { title, fix } = device === "both" ? bothDevices(problem) : problem;
	return (
		<div class={styles.problem} data-testid="device-problem" data-kind={problem.kind} data-device={device}>
			<Icon name={device === "microphone" ? "micOff" : "cameraOff"} size={22} />
			<div>
				<h2>{title}</h2>
				<p>{fix}</p>
				{problem.kind === "insecure" ? null : (
					<button type="button" class={controls.quiet} onClick={retry}>
						<Icon name="retry" size={16} />
						Try again
					</button>
				)}
			</div>
		</div>
	);
}
