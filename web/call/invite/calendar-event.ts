/** A call in somebody's calendar. Times in ms since 1970. */
export interface CalendarEvent {
	/** Globally unique; the same one again is a change of the same entry. */
	uid: string;
	title: string;
	url: string;
	startAt: number;
	durationMinutes: number;
	now: number;
}

/** Longest line in octets, RFC 5545 §3.1. */
const MOST_OCTETS = 75;

/** An iCalendar file (RFC 5545) with one entry and a reminder ten minutes before. */
export function calendarFile(event: CalendarEvent): string {
	const endAt = event.startAt + event.durationMinutes * 60_000;
	const lines = [
		"BEGIN:VCALENDAR",
		"VERSION:2.0",
		"PRODID:-//rostrum//call//EN",
		"METHOD:PUBLISH",
		"BEGIN:VEVENT",
		`UID:${escapeText(event.uid)}`,
		`DTSTAMP:${utc(event.now)}`,
		`DTSTART:${utc(event.startAt)}`,
		`DTEND:${utc(endAt)}`,
		`SUMMARY:${escapeText(event.title)}`,
		`LOCATION:${escapeText(event.url)}`,
		`URL:${event.url}`,
		`DESCRIPTION:${escapeText(`Join the call: ${event.url}`)}`,
		"BEGIN:VALARM",
		"ACTION:DISPLAY",
		"TRIGGER:-PT10M",
		`DESCRIPTION:${escapeText(event.title)}`,
		"END:VALARM",
		"END:VEVENT",
		"END:VCALENDAR",
	];
	return `${lines.map(fold).join("\r\n")}\r\n`;
}

/** `20270503T140500Z` */
function utc(at: number): string {
	return `${new Date(at).toISOString().replace(/[-:]/g, "").slice(0, 15)}Z`;
}

/** RFC 5545 §3.3.11 */
function escapeText(text: string): string {
	return text.replace(/[\\;,]/g, "\\$&").replace(/\r?\n/g, "\\n");
}

/** Long lines go on in the next one after a blank; a character is never cut in two. */
function fold(line: string): string {
	const encoder = new TextEncoder();
	let folded = "";
	let octets = 0;
	for (const character of line) {
		const size = encoder.encode(character).length;
		if (octets + size > MOST_OCTETS) {
			folded += "\r\n ";
			octets = 1;
		}
		folded += character;
		octets += size;
	}
	return folded;
}
