import type { JSX } from "preact";
import { Icon, type IconName } from "../../shell/icons.tsx";
import styles from "./bar.module.css";

/** A control of the bar: icon, name below it where there is room, and a tooltip with the shortcut for pointer and keyboard. */
export function BarButton({
	icon,
	label,
	caption,
	shortcut,
	tone = "plain",
	isOn,
	isBusy = false,
	isDisabled = false,
	count = 0,
	run,
}: {
	icon: IconName;
	/** What pressing does, in full. */
	label: string;
	/** One short word. */
	caption: string;
	/** As people read it. */
	shortcut?: string;
	/** `off`: switched off, and one should notice; `leave`: the way out. */
	tone?: "plain" | "off" | "leave";
	/** For switches; absent for commands. */
	isOn?: boolean;
	isBusy?: boolean;
	isDisabled?: boolean;
	/** A number on the corner, if there is one. */
	count?: number;
	run: () => void;
}): JSX.Element {
	const name = count > 0 ? `${label}, ${count} new` : label;
	return (
		<button
			type="button"
			class={styles.button}
			data-tone={tone}
			data-on={isOn ?? false}
			data-tip={shortcut === undefined ? label : `${label} (${shortcut})`}
			aria-label={name}
			aria-pressed={isOn}
			aria-busy={isBusy}
			disabled={isDisabled}
			onClick={(event) => {
				// After a click by pointer Space stays the key to talk with; by keyboard the focus stays.
				if (event.detail > 0) event.currentTarget.blur();
				run();
			}}
		>
			<Icon name={icon} size={22} />
			<span class={styles.caption} aria-hidden="true">
				{caption}
			</span>
			{count > 0 ? (
				<span class={styles.count} aria-hidden="true">
					{count > 99 ? "99+" : count}
				</span>
			) : null}
		</button>
	);
}
