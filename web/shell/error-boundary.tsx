import { Component, type ComponentChildren } from "preact";
import { FailurePage } from "./failure-panel.tsx";

interface Props {
	/** A change of it (the address) gives the page another chance. */
	resetKey: string;
	children: ComponentChildren;
}

/** Never a blank page: what a page throws while it is drawn is shown with its id and a way on. */
export class ErrorBoundary extends Component<Props, { error: unknown }> {
	override state: { error: unknown } = { error: null };

	static override getDerivedStateFromError(error: unknown): { error: unknown } {
		return { error };
	}

	override componentDidUpdate(before: Props): void {
		if (before.resetKey !== this.props.resetKey && this.state.error !== null) this.setState({ error: null });
	}

	override render(): ComponentChildren {
		if (this.state.error === null) return this.props.children;
		return <FailurePage error={this.state.error} retry={() => this.setState({ error: null })} />;
	}
}
