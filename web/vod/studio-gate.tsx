import type { ComponentChildren, JSX } from "preact";
import { useLocation } from "preact-iso";
import { loginPath } from "../account/login-path.ts";
import { session } from "../account/session.ts";
import controls from "../shell/controls.module.css";
import type { ChosenFile } from "../upload/chosen-file.ts";
import { DropAnywhere } from "../upload/drop-anywhere.tsx";
import { useUploader } from "../upload/use-uploader.ts";
import styles from "./library.module.css";
import { StudioTabs } from "./studio-tabs.tsx";

/** Around the pages of one's own works: who is signed in sees them and may drop files anywhere, others are asked to sign in. */
export function StudioGate({
	children,
}: {
	children: (parts: { ownerID: string; addFiles: (files: ChosenFile[]) => void }) => ComponentChildren;
}): JSX.Element {
	const { kind } = session.value;
	const addFiles = useUploader();
	const ownerID = session.value.kind === "signed-in" ? session.value.user.userID : null;
	return (
		<div class={styles.page}>
			<StudioTabs />
			{kind === "anonymous" ? <SignIn /> : null}
			{kind === "unknown" ? <div class={`${styles.rowBone} ${controls.skeleton}`} /> : null}
			{ownerID === null ? null : (
				<>
					<DropAnywhere onFiles={addFiles} />
					{children({ ownerID, addFiles })}
				</>
			)}
		</div>
	);
}

function SignIn(): JSX.Element {
	const { url } = useLocation();
	return (
		<div class={styles.empty}>
			<h1>Your videos and audio</h1>
			<p>Sign in to upload files, and to see what you have uploaded.</p>
			<div class={styles.emptyActions}>
				<a class={`${controls.primary} ${controls.large}`} href={loginPath(url)}>
					Sign in
				</a>
				<a class={`${controls.button} ${controls.large}`} href={`${loginPath(url)}&new=1`}>
					Make an account
				</a>
			</div>
		</div>
	);
}
