import type { JSX } from "preact";
import { useLocation } from "preact-iso";
import { AccountMenu } from "../account/account-menu.tsx";
import { pendingCount } from "../notification/pending-count.ts";
import controls from "./controls.module.css";
import styles from "./header.module.css";
import { Icon, Logo } from "./icons.tsx";
import { helpOpen } from "./shortcuts.ts";
import { theme, toggleTheme } from "./theme.ts";
import { plural } from "./time.ts";

function peopleLabel(pending: number): string {
	if (pending === 0) return "People and calls";
	return `People and calls, ${plural(pending, "contact request")}`;
}

/** The bar at the top of every page. */
export function Header(): JSX.Element {
	const { path } = useLocation();
	const nextTheme = theme.value === "dark" ? "light" : "dark";
	return (
		<header class={styles.header}>
			<a class={styles.brand} href="/" aria-label="rostrum, home">
				<Logo />
				<span>rostrum</span>
			</a>
			<nav class={styles.actions} aria-label="Main">
				<a
					class={`${controls.icon} ${styles.people}`}
					href="/contacts"
					aria-label={peopleLabel(pendingCount.value)}
					title={peopleLabel(pendingCount.value)}
					aria-current={path === "/contacts" ? "page" : undefined}
				>
					<Icon name="people" />
					{pendingCount.value === 0 ? null : (
						<span class={styles.count} aria-hidden="true">
							{pendingCount.value}
						</span>
					)}
				</a>
				{path === "/studio" ? null : (
					<a class={`${controls.primary} ${styles.goLive}`} href="/studio">
						<Icon name="broadcast" size={18} />
						Go live
					</a>
				)}
				<button
					type="button"
					class={`${controls.icon} ${styles.keyboard}`}
					aria-label="Keyboard shortcuts"
					title="Keyboard shortcuts (?)"
					onClick={() => {
						helpOpen.value = true;
					}}
				>
					<Icon name="keyboard" />
				</button>
				<button
					type="button"
					class={controls.icon}
					aria-label={`Use the ${nextTheme} theme`}
					title={`Use the ${nextTheme} theme`}
					onClick={toggleTheme}
				>
					<Icon name={theme.value === "dark" ? "sun" : "moon"} />
				</button>
				<AccountMenu />
			</nav>
		</header>
	);
}
