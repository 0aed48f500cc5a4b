import type { ComponentChildren, JSX } from "preact";
import controls from "../../shell/controls.module.css";
import { Icon, type IconName } from "../../shell/icons.tsx";
import { deviceLabel } from "./device-lists.ts";
import styles from "./devices.module.css";

/** One choice in a line with its icon; the label is for screen readers. */
export function IconSelect({
	label,
	icon,
	value,
	choose,
	children,
	isDisabled = false,
}: {
	label: string;
	icon: IconName;
	value: string;
	choose: (value: string) => void;
	children: ComponentChildren;
	isDisabled?: boolean;
}): JSX.Element {
	return (
		<label class={styles.select}>
			<Icon name={icon} size={18} />
			<span class="visually-hidden">{label}</span>
			<select
				class={controls.input}
				value={value}
				disabled={isDisabled}
				title={label}
				onChange={(event) => choose(event.currentTarget.value)}
			>
				{children}
			</select>
		</label>
	);
}

/** A menu of devices. Without a choice it shows the one in use; before permission only "the system's". */
export function DeviceSelect({
	label,
	icon,
	devices,
	chosen,
	track = null,
	choose,
}: {
	label: string;
	icon: IconName;
	devices: readonly MediaDeviceInfo[];
	chosen: string;
	/** What is open at present. */
	track?: MediaStreamTrack | null;
	choose: (deviceID: string) => void;
}): JSX.Element {
	const inUse = track?.getSettings().deviceId ?? "";
	const value = [chosen, inUse].find((id) => devices.some((device) => device.deviceId === id)) ?? "";
	return (
		<IconSelect label={label} icon={icon} value={value} choose={choose}>
			{value === "" ? <option value="">{`System ${label.toLowerCase()}`}</option> : null}
			{devices.map((device, index) => (
				<option key={device.deviceId} value={device.deviceId}>
					{deviceLabel(device, index)}
				</option>
			))}
		</IconSelect>
	);
}
