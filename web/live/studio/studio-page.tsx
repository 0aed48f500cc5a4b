import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import { useLocation } from "preact-iso";
import { loginPath } from "../../account/login-path.ts";
import { loadMe, me, myChannel, session } from "../../account/session.ts";
import controls from "../../shell/controls.module.css";
import { FailurePage } from "../../shell/failure-panel.tsx";
import { usePageTitle } from "../../shell/page-title.ts";
import { StudioFrame } from "../../vod/studio-frame.tsx";
import browser from "./browser.module.css";
import { CreateChannel } from "./create-channel.tsx";
import { Dashboard } from "./dashboard.tsx";
import { EndSummary } from "./end-summary.tsx";
import { Setup } from "./setup.tsx";
import styles from "./studio.module.css";
import { type StudioChannel, StudioSession } from "./studio-session.ts";

/** `/studio`: from nothing to on air. */
export function StudioPage(): JSX.Element {
	usePageTitle("Studio");
	const kind = session.value.kind;
	const channel = myChannel.value;
	if (kind === "anonymous") return <SignInGate />;
	if (kind === "unknown" || me.value === null) return <Loading isSignedIn={kind === "signed-in"} />;
	if (channel === null) return <CreateChannel />;
	return (
		<StudioFrame>
			<Studio key={channel.channelID} channel={channel} />
		</StudioFrame>
	);
}

function SignInGate(): JSX.Element {
	const { url } = useLocation();
	return (
		<div class={styles.gate}>
			<h1>Go live from this browser</h1>
			<p>A camera is enough. Viewers see you in less than a second, and OBS works too.</p>
			<div class={styles.gateActions}>
				<a class={`${controls.primary} ${controls.large}`} href={`${loginPath(url)}&new=1`}>
					Make an account
				</a>
				<a class={`${controls.button} ${controls.large}`} href={loginPath(url)}>
					Sign in
				</a>
			</div>
		</div>
	);
}

/** Who one is, is on its way; asked again when the answer did not come. */
function Loading({ isSignedIn }: { isSignedIn: boolean }): JSX.Element {
	const [failure, setFailure] = useState<unknown>(null);
	const [turn, setTurn] = useState(0);
	// `turn` asks again.
	useEffect(() => {
		if (!isSignedIn) return;
		loadMe().catch((error: unknown) => setFailure(error));
	}, [isSignedIn, turn]);
	if (failure !== null) {
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
	return <StudioSkeleton />;
}

function StudioSkeleton(): JSX.Element {
	return (
		<section class={styles.setup} aria-busy="true" aria-label="Loading">
			<div class={styles.main}>
				<div class={`${styles.headBone} ${controls.skeleton}`} />
				<div class={`${browser.preview} ${controls.skeleton}`} />
			</div>
			<div class={`${styles.detailsBone} ${controls.skeleton}`} />
		</section>
	);
}

function Studio({ channel }: { channel: StudioChannel }): JSX.Element | null {
	const [studio, setStudio] = useState<StudioSession | null>(null);
	// One session for a channel, whatever else is known about it later.
	useEffect(() => {
		const opened = new StudioSession(channel);
		setStudio(opened);
		return () => opened.dispose();
	}, [channel.channelID]);
	return studio === null ? null : <StudioRoom studio={studio} />;
}

function StudioRoom({ studio }: { studio: StudioSession }): JSX.Element {
	useLeaveGuard(studio);
	const failure = studio.loadFailure.value;
	switch (studio.phase.value) {
		case "loading":
			return failure === null ? (
				<StudioSkeleton />
			) : (
				<FailurePage error={failure} retry={() => void studio.refresh()} />
			);
		case "setup":
			return <Setup studio={studio} />;
		case "live":
			return <Dashboard studio={studio} />;
		case "summary":
			return <EndSummary studio={studio} />;
	}
}

/** Leaving the page ends the signal: the browser asks first. */
function useLeaveGuard(studio: StudioSession): void {
	const state = studio.publisher.value?.state.value;
	const isSending = state === "connecting" || state === "connected" || state === "lost";
	useEffect(() => {
		if (!isSending) return;
		const guard = (event: BeforeUnloadEvent) => event.preventDefault();
		window.addEventListener("beforeunload", guard);
		return () => window.removeEventListener("beforeunload", guard);
	}, [isSending]);
}
