import type { JSX } from "preact";
import { useEffect } from "preact/hooks";
import { LocationProvider, lazy, Route, Router, useLocation } from "preact-iso";
import { HomePage } from "../home/home-page.tsx";
import { RingingSlot } from "../notification/ringing-slot.tsx";
import styles from "./app.module.css";
import { ErrorBoundary } from "./error-boundary.tsx";
import { GlobalShortcuts } from "./global-shortcuts.tsx";
import { Header } from "./header.tsx";
import { isImmersive } from "./immersive.ts";
import { KeyboardHelp } from "./keyboard-help.tsx";
import { NotFoundPage } from "./not-found-page.tsx";
import { OfflineBar } from "./offline-bar.tsx";
import { startShortcuts } from "./shortcuts.ts";
import { TabBar } from "./tab-bar.tsx";
import { Toasts } from "./toasts.tsx";

const LoginPage = lazy(() => import("../account/login-page.tsx").then((module) => module.LoginPage));
const WatchPage = lazy(() => import("../live/watch/watch-page.tsx").then((module) => module.WatchPage));
const ChannelPage = lazy(() => import("../channel/channel-page.tsx").then((module) => module.ChannelPage));
const NewCallPage = lazy(() => import("../call/new-call-page.tsx").then((module) => module.NewCallPage));
const MeetPage = lazy(() => import("../call/meet-page.tsx").then((module) => module.MeetPage));
const EndPage = lazy(() => import("../call/end-page.tsx").then((module) => module.EndPage));
const ContactsPage = lazy(() => import("../contact/contacts-page.tsx").then((module) => module.ContactsPage));
const LibraryPage = lazy(() => import("../vod/library-page.tsx").then((module) => module.LibraryPage));
const DetailsPage = lazy(() => import("../vod/details-page.tsx").then((module) => module.DetailsPage));
const StudioPage = lazy(() => import("../live/studio/studio-page.tsx").then((module) => module.StudioPage));

/** The whole client. */
export function App(): JSX.Element {
	return (
		<LocationProvider>
			<Frame />
		</LocationProvider>
	);
}

function Frame(): JSX.Element {
	const { path } = useLocation();
	useEffect(startShortcuts, []);
	return (
		<>
			<a class={styles.skip} href="#main">
				Skip to content
			</a>
			<RingingSlot />
			{isImmersive.value ? null : <Header />}
			<OfflineBar />
			<main id="main" class={styles.main} data-immersive={isImmersive.value} tabIndex={-1}>
				<ErrorBoundary resetKey={path}>
					<Router onRouteChange={arrive}>
						<Route path="/" component={HomePage} />
						<Route path="/login" component={LoginPage} />
						<Route path="/studio" component={StudioPage} />
						<Route path="/studio/library" component={LibraryPage} />
						<Route path="/studio/v/:id" component={DetailsPage} />
						<Route path="/watch/:id" component={WatchPage} />
						<Route path="/meet/new" component={NewCallPage} />
						<Route path="/meet/:code/end" component={EndPage} />
						<Route path="/meet/:code" component={MeetPage} />
						<Route path="/contacts" component={ContactsPage} />
						<Route path="/:handle" component={ChannelPage} />
						<Route default component={NotFoundPage} />
					</Router>
				</ErrorBoundary>
			</main>
			{isImmersive.value ? null : <TabBar />}
			<KeyboardHelp />
			<GlobalShortcuts />
			<Toasts />
		</>
	);
}

/** After a change of page the focus is at its start, as after a load. */
function arrive(): void {
	document.getElementById("main")?.focus({ preventScroll: true });
}
