import type { ComponentChildren, JSX } from "preact";
import controls from "./controls.module.css";
import { CopyButton } from "./copy-button.tsx";
import { describeFailure } from "./failure.ts";
import styles from "./failure-panel.module.css";
import { Icon } from "./icons.tsx";
import { isOnline } from "./online.ts";

/** An error, said in full. `retry` tries again; `children` are further ways out. */
export function FailurePanel({
	error,
	retry,
	isPage = false,
	children,
}: {
	error: unknown;
	retry?: () => void;
	/** It is all there is on the page: its title is the page's. */
	isPage?: boolean;
	children?: ComponentChildren;
}): JSX.Element {
	const Heading = isPage ? "h1" : "h2";
	const failure = describeFailure(error, isOnline.value);
	return (
		<section class={styles.panel} role="alert" data-testid="failure">
			<Heading class={styles.title}>
				<Icon name="alert" size={22} />
				{failure.title}
			</Heading>
			<div class={styles.list}>
				<p>
					<strong>What happened.</strong> {failure.whatHappened}
				</p>
				<p>
					<strong>What we do.</strong> {failure.whatWeDo}
				</p>
				<p>
					<strong>What you can do.</strong> {failure.whatYouCanDo}
				</p>
			</div>
			<div class={styles.actions}>
				{retry === undefined ? null : (
					<button type="button" class={controls.button} onClick={retry}>
						<Icon name="retry" size={18} />
						Try again
					</button>
				)}
				{children}
				<CopyButton class={styles.id} text={failure.id} label={`Copy the error id ${failure.id}`}>
					{failure.id}
				</CopyButton>
			</div>
		</section>
	);
}

/** A page that is nothing but its failure. */
export function FailurePage({ error, retry }: { error: unknown; retry?: () => void }): JSX.Element {
	return (
		<div class={styles.center}>
			<FailurePanel error={error} isPage {...(retry === undefined ? {} : { retry })}>
				<a class={controls.quiet} href="/">
					Home
				</a>
			</FailurePanel>
		</div>
	);
}
