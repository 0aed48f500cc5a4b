import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { lazy } from "preact-iso";
import controls from "../../shell/controls.module.css";
import { CopyButton } from "../../shell/copy-button.tsx";
import { Dialog } from "../../shell/dialog.tsx";
import { Icon } from "../../shell/icons.tsx";
import { CalendarForm } from "./calendar-form.tsx";
import { callLink } from "./call-link.ts";
import styles from "./invite.module.css";

const QrCode = lazy(() => import("./qr-code.tsx").then((module) => module.QrCode));

/** The ways to get others in: the link, a picture of it for a phone, an entry in a calendar. */
export function InviteCard({ code, title }: { code: string; title: string }): JSX.Element {
	const [open, setOpen] = useState<"qr" | "calendar" | null>(null);
	const link = callLink(code);
	return (
		<section class={styles.card} aria-label="Invite others">
			<div class={styles.link}>
				<span class={styles.address} data-testid="call-link">
					{link.replace(/^https?:\/\//, "")}
				</span>
				<CopyButton class={styles.copy} text={link} label="Copy link">
					Copy link
				</CopyButton>
			</div>
			<div class={styles.ways}>
				<button type="button" class={controls.quiet} onClick={() => setOpen("qr")}>
					<Icon name="qr" size={18} />
					QR code
				</button>
				<button type="button" class={controls.quiet} onClick={() => setOpen("calendar")}>
					<Icon name="calendar" size={18} />
					Add to calendar
				</button>
			</div>
			{open === "qr" ? (
				<Dialog title="Open it on another device" onClose={() => setOpen(null)}>
					<div class={styles.qr}>
						<QrCode text={link} label={`QR code of ${link}`} />
						<p>Point the camera of a phone at it.</p>
						<code>{code}</code>
					</div>
				</Dialog>
			) : null}
			{open === "calendar" ? (
				<Dialog title="Add to calendar" onClose={() => setOpen(null)}>
					<CalendarForm code={code} title={title} done={() => setOpen(null)} />
				</Dialog>
			) : null}
		</section>
	);
}
