import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import { useLocation } from "preact-iso";
import { createCall } from "../../protocol/call.ts";
import { loginPath } from "../account/login-path.ts";
import { session } from "../account/session.ts";
import { call } from "../shell/api.ts";
import controls from "../shell/controls.module.css";
import { FailurePage } from "../shell/failure-panel.tsx";
import { usePageTitle } from "../shell/page-title.ts";
import { notify } from "../shell/toasts.tsx";
import { callLink } from "./invite/call-link.ts";
import styles from "./notice.module.css";

/** `/meet/new`: makes a call, copies its link, and goes on to its lobby. */
export function NewCallPage(): JSX.Element {
	usePageTitle("New call");
	if (session.value.kind === "anonymous") return <AccountGate />;
	if (session.value.kind === "unknown") return <Making />;
	return <Maker />;
}

function Maker(): JSX.Element {
	const { route } = useLocation();
	const [failure, setFailure] = useState<unknown>(null);
	const [turn, setTurn] = useState(0);
	// `turn` asks again. (`route` is another function after each change of the address; it must not make another call.)
	useEffect(() => {
		const controller = new AbortController();
		makeCall(controller.signal).then(
			(code) => route(`/meet/${code}`, true),
			(error: unknown) => {
				if (!controller.signal.aborted) setFailure(error);
			},
		);
		return () => controller.abort();
	}, [turn]);
	if (failure === null) return <Making />;
	return (
		<FailurePage
			error={failure}
			retry={() => {
				setFailure(null);
				setTurn(turn + 1);
			}}
		/>
	);
}

async function makeCall(signal: AbortSignal): Promise<string> {
	const { code } = await call(createCall, { body: { kind: "video" } }, { signal });
	try {
		await navigator.clipboard.writeText(callLink(code));
		notify("Link copied. Send it to whom you want to meet.");
	} catch {
		// Without a fresh click the browser may refuse; the lobby has a button for it.
	}
	return code;
}

function Making(): JSX.Element {
	return (
		<div class={styles.notice} role="status">
			<span class={controls.spinner} aria-hidden="true" />
			<p>Making your call…</p>
		</div>
	);
}

function AccountGate(): JSX.Element {
	const path = loginPath("/meet/new");
	return (
		<div class={styles.notice}>
			<h1>Start a call</h1>
			<p>Whoever starts a call needs an account. Those you invite do not: a link and a name are enough.</p>
			<div class={styles.actions}>
				<a class={`${controls.primary} ${controls.large}`} href={`${path}&new=1`}>
					Make an account
				</a>
				<a class={`${controls.button} ${controls.large}`} href={path}>
					Sign in
				</a>
			</div>
		</div>
	);
}
