import { expect, test } from "vitest";
import { hasLinkSections, sessionNumber } from "./sdp-facts.ts";

const head = "v=0\r\no=- 4611731400430051336 2 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\n";
const sections = ["audio", "video", "video", "audio", "application"];

function description(kinds: readonly string[]): string {
	return head + kinds.map((kind) => `m=${kind} 9 UDP/TLS/RTP/SAVPF 111\r\na=mid:0\r\n`).join("");
}

test("a link's description has five sections in their order", () => {
	expect(hasLinkSections(description(sections))).toBe(true);
	expect(hasLinkSections(description(sections.slice(1)))).toBe(false);
	expect(hasLinkSections(description([...sections, "video"]))).toBe(false);
	expect(hasLinkSections(description(["video", "audio", "video", "audio", "application"]))).toBe(false);
});

test("a thousand sections are refused", () => {
	expect(hasLinkSections(description(Array.from({ length: 1000 }, () => "video")))).toBe(false);
});

test("a connection is known by its session number, which stays over renegotiations", () => {
	expect(sessionNumber(head)).toBe("4611731400430051336");
	expect(sessionNumber(head.replace(" 2 IN", " 7 IN"))).toBe("4611731400430051336");
	expect(sessionNumber("v=0\r\n")).toBeNull();
});
