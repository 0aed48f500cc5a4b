/** Events that come in a bunch are one, ms. */
const SETTLE_MS = 300;

/** The members of NetworkInformation that count; not every browser has it. */
interface NetworkFacts extends EventTarget {
	type?: string;
}

/** Tells when this machine may have another address: it is online again, or on another kind of network. */
export class NetworkWatch {
	readonly #onChange: () => void;
	readonly #connection: NetworkFacts | null;
	#type: string | undefined;
	#timer: ReturnType<typeof setTimeout> | null = null;
	readonly #online = () => this.#changed();
	/** Chromium says "change" also for each new estimate of speed, which means nothing here. */
	readonly #typeChanged = () => {
		if (this.#connection?.type === this.#type) return;
		this.#type = this.#connection?.type;
		this.#changed();
	};

	constructor(onChange: () => void) {
		this.#onChange = onChange;
		this.#connection = networkFacts();
		this.#type = this.#connection?.type;
		window.addEventListener("online", this.#online);
		this.#connection?.addEventListener("change", this.#typeChanged);
	}

	close(): void {
		window.removeEventListener("online", this.#online);
		this.#connection?.removeEventListener("change", this.#typeChanged);
		if (this.#timer !== null) clearTimeout(this.#timer);
	}

	#changed(): void {
		if (this.#timer !== null) clearTimeout(this.#timer);
		this.#timer = setTimeout(this.#onChange, SETTLE_MS);
	}
}

function networkFacts(): NetworkFacts | null {
	if (!("connection" in navigator)) return null;
	return navigator.connection instanceof EventTarget ? navigator.connection : null;
}
