import type { JSX, TargetedSubmitEvent } from "preact";
import { useState } from "preact/hooks";
import controls from "../../shell/controls.module.css";
import { TextField } from "../../shell/form-field.tsx";
import { Icon } from "../../shell/icons.tsx";
import { notify } from "../../shell/toasts.tsx";
import { calendarFile } from "./calendar-event.ts";
import { callLink } from "./call-link.ts";
import styles from "./invite.module.css";

const DURATIONS_MINUTES = [15, 30, 45, 60, 90, 120] as const;

/** When the call is to be; the result is a file that every calendar opens. */
export function CalendarForm({
	code,
	title,
	done,
}: {
	code: string;
	title: string;
	done: () => void;
}): JSX.Element {
	const [start, setStart] = useState(() => localTime(nextFullHour(Date.now())));
	const [minutes, setMinutes] = useState(30);
	const [name, setName] = useState(title === "" ? "Call" : title);
	const startAt = Date.parse(start);
	function save(event: TargetedSubmitEvent<HTMLFormElement>): void {
		event.preventDefault();
		const file = calendarFile({
			uid: `${code}@${window.location.hostname}`,
			title: name.trim() === "" ? "Call" : name.trim(),
			url: callLink(code),
			startAt,
			durationMinutes: minutes,
			now: Date.now(),
		});
		saveFile(file, `${code}.ics`);
		notify("Saved. Open the file to put it into your calendar.");
		done();
	}
	return (
		<form class={styles.form} onSubmit={save}>
			<TextField
				id="calendar-title"
				label="Title"
				value={name}
				maxLength={140}
				onInput={(event) => setName(event.currentTarget.value)}
			/>
			<div class={styles.when}>
				<div class={controls.field}>
					<label class={controls.label} for="calendar-start">
						Starts
					</label>
					<input
						id="calendar-start"
						class={controls.input}
						type="datetime-local"
						required
						value={start}
						onInput={(event) => setStart(event.currentTarget.value)}
					/>
				</div>
				<div class={controls.field}>
					<label class={controls.label} for="calendar-length">
						Length
					</label>
					<select
						id="calendar-length"
						class={controls.input}
						value={String(minutes)}
						onChange={(event) => setMinutes(Number(event.currentTarget.value))}
					>
						{DURATIONS_MINUTES.map((each) => (
							<option key={each} value={String(each)}>
								{each} min
							</option>
						))}
					</select>
				</div>
			</div>
			<button type="submit" class={controls.primary} disabled={Number.isNaN(startAt)}>
				<Icon name="download" size={18} />
				Save the .ics file
			</button>
		</form>
	);
}

const HOUR_MS = 3_600_000;

function nextFullHour(now: number): number {
	return Math.ceil((now + 1) / HOUR_MS) * HOUR_MS;
}

/** As `<input type="datetime-local">` wants it: the local time without its zone. */
function localTime(at: number): string {
	const offsetMs = new Date(at).getTimezoneOffset() * 60_000;
	return new Date(at - offsetMs).toISOString().slice(0, 16);
}

function saveFile(text: string, name: string): void {
	const url = URL.createObjectURL(new Blob([text], { type: "text/calendar;charset=utf-8" }));
	const anchor = document.createElement("a");
	anchor.href = url;
	anchor.download = name;
	anchor.click();
	URL.revokeObjectURL(url);
}
