import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { Icon, type IconName } from "../../shell/icons.tsx";
import { recall, remember } from "../../shell/settings.ts";
import { BrowserDoor } from "./browser-door.tsx";
import { EncoderDoor } from "./encoder-door.tsx";
import { StreamDetails } from "./stream-details.tsx";
import styles from "./studio.module.css";
import type { StudioSession } from "./studio-session.ts";

type Door = "browser" | "encoder";

const DOOR_KEY = "rostrum.studio-door";
const DOORS: readonly { door: Door; label: string; about: string; icon: IconName }[] = [
	{ door: "browser", label: "Browser", about: "Camera or screen, right here", icon: "camera" },
	{ door: "encoder", label: "OBS / encoder", about: "WHIP address and key", icon: "signal" },
];

/** Before going live: what to send, and how it is called. */
export function Setup({ studio }: { studio: StudioSession }): JSX.Element {
	const [door, setDoor] = useState<Door>(recall(DOOR_KEY) === "encoder" ? "encoder" : "browser");
	function choose(next: Door): void {
		setDoor(next);
		remember(DOOR_KEY, next);
		if (next === "encoder") studio.capture.close();
	}
	return (
		<div class={styles.setup} data-testid="studio-setup">
			<div class={styles.main}>
				<h1 class={styles.heading}>Go live</h1>
				<Doors door={door} choose={choose} />
				<div id={`door-${door}`} role="tabpanel" aria-labelledby={`tab-${door}`}>
					{door === "browser" ? <BrowserDoor studio={studio} /> : <EncoderDoor studio={studio} />}
				</div>
			</div>
			<StreamDetails studio={studio} door={door} />
		</div>
	);
}

function Doors({ door, choose }: { door: Door; choose: (door: Door) => void }): JSX.Element {
	return (
		<div
			class={styles.doors}
			role="tablist"
			tabIndex={-1}
			aria-label="What sends the picture"
			onKeyDown={(event) => {
				if (event.key !== "ArrowLeft" && event.key !== "ArrowRight") return;
				event.preventDefault();
				const next = door === "browser" ? "encoder" : "browser";
				choose(next);
				document.getElementById(`tab-${next}`)?.focus();
			}}
		>
			{DOORS.map((each) => (
				<button
					key={each.door}
					id={`tab-${each.door}`}
					type="button"
					role="tab"
					class={styles.door}
					aria-selected={each.door === door}
					aria-controls={`door-${each.door}`}
					tabIndex={each.door === door ? 0 : -1}
					onClick={() => choose(each.door)}
				>
					<Icon name={each.icon} size={22} />
					<span>
						<strong>{each.label}</strong>
						<small>{each.about}</small>
					</span>
				</button>
			))}
		</div>
	);
}
