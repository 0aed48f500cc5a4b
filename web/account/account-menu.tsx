import type { JSX } from "preact";
import { useLocation } from "preact-iso";
import controls from "../shell/controls.module.css";
import { MenuButton } from "../shell/menu.tsx";
import { notify } from "../shell/toasts.tsx";
import styles from "./account-menu.module.css";
import { loginPath } from "./login-path.ts";
import { myChannel, session, signOut } from "./session.ts";

/** Sign in, or who is signed in and what they can do. */
export function AccountMenu(): JSX.Element {
	const { route, url } = useLocation();
	if (session.value.kind === "unknown") return <span class={styles.waiting} aria-hidden="true" />;
	if (session.value.kind === "anonymous") {
		return (
			<a class={controls.button} href={loginPath(url)}>
				Sign in
			</a>
		);
	}
	const { displayName, userName } = session.value.user;
	const channel = myChannel.value;
	return (
		<MenuButton
			label={`Account of ${displayName}`}
			class={styles.avatar}
			items={[
				...(channel === null ? [] : [{ label: "My channel", run: () => route(`/@${channel.handle}`) }]),
				{ label: "Studio", run: () => route("/studio") },
				{ label: "Library", run: () => route("/studio/library") },
				{
					label: `Sign out ${userName}`,
					run: () => {
						void signOut().then(() => notify("Signed out"));
					},
				},
			]}
		>
			{displayName.slice(0, 1).toUpperCase()}
		</MenuButton>
	);
}
