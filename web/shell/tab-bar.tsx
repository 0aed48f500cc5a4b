import type { JSX } from "preact";
import { useLocation } from "preact-iso";
import { myChannel, session } from "../account/session.ts";
import { Icon, type IconName } from "./icons.tsx";
import styles from "./tab-bar.module.css";

/** The bar under the thumb, on phones only. */
export function TabBar(): JSX.Element {
	const channel = myChannel.value;
	const you = channel === null ? "/studio" : `/@${channel.handle}`;
	return (
		<nav class={styles.bar} aria-label="Tabs">
			<Tab href="/" icon="home" label="Home" />
			<Tab href="/contacts" icon="phone" label="Calls" />
			<Tab href="/studio" icon="broadcast" label="Go live" />
			{session.value.kind === "signed-in" ? (
				<Tab href={you} icon="user" label="You" />
			) : (
				<Tab href="/login" icon="user" label="Sign in" />
			)}
		</nav>
	);
}

function Tab({ href, icon, label }: { href: string; icon: IconName; label: string }): JSX.Element {
	const { path } = useLocation();
	return (
		<a
			class={styles.tab}
			href={href}
			aria-current={path === href && !(label === "You" && href === "/studio") ? "page" : undefined}
		>
			<Icon name={icon} size={22} />
			{label}
		</a>
	);
}
