import { createHmac, createSecretKey, type KeyObject, timingSafeEqual } from "node:crypto";
import { crc32 } from "node:zlib";

/** STUN Binding messages as ICE uses them: RFC 8489 (§5, §14) and RFC 8445 (§16.1). IPv4 addresses only. No I/O. */

export type StunClass = "request" | "indication" | "success" | "error";

export type StunBinding = {
	class: StunClass;
	/** 12 bytes. */
	transactionID: Buffer;
	/** `receiver:sender` ufrags. */
	username?: string;
	priority?: number;
	useCandidate?: boolean;
	/** Tie-breaker of a controlling agent, 8 bytes. */
	iceControlling?: Buffer;
	mappedAddress?: { address: string; port: number };
};

/** The password as a key; make it once, as each use of a plain buffer costs more than the hash. */
export function stunKey(password: string): KeyObject {
	return createSecretKey(Buffer.from(password));
}

/** RFC 7983 §7: a first byte of 0–3, and the magic cookie. */
export function isStun(packet: Buffer): boolean {
	return packet.length >= HEADER_BYTES && packet.readUInt8(0) <= 3 && packet.readUInt32BE(4) === MAGIC_COOKIE;
}

/** Null if it is not a whole Binding message. */
export function parseStun(packet: Buffer): StunBinding | null {
	if (!isStun(packet) || packet.readUInt16BE(2) + HEADER_BYTES !== packet.length) return null;
	const messageClass = CLASSES.get(packet.readUInt16BE(0));
	if (messageClass === undefined) return null;
	const message: StunBinding = { class: messageClass, transactionID: packet.subarray(8, HEADER_BYTES) };
	for (const { type, value } of readAttributes(packet)) applyAttribute(message, type, value);
	return message;
}

/** Whether MESSAGE-INTEGRITY is there and made with this key (RFC 8489 §14.5). */
export function isStunIntact(packet: Buffer, key: KeyObject): boolean {
	for (const { type, offset, value } of readAttributes(packet)) {
		if (type !== MESSAGE_INTEGRITY) continue;
		return value.length === INTEGRITY_BYTES && timingSafeEqual(value, integrityOf(packet, offset, key));
	}
	return false;
}

/** With MESSAGE-INTEGRITY and FINGERPRINT, in the order the specification wants. */
export function buildStun(message: StunBinding, key: KeyObject): Buffer {
	const attributes: Buffer[] = [];
	if (message.username !== undefined) attributes.push(attribute(USERNAME, Buffer.from(message.username)));
	if (message.priority !== undefined) attributes.push(attribute(PRIORITY, word(message.priority)));
	if (message.useCandidate) attributes.push(attribute(USE_CANDIDATE, Buffer.alloc(0)));
	if (message.iceControlling !== undefined)
		attributes.push(attribute(ICE_CONTROLLING, message.iceControlling));
	if (message.mappedAddress !== undefined) {
		attributes.push(attribute(XOR_MAPPED_ADDRESS, xorAddress(message.mappedAddress)));
	}
	attributes.push(attribute(MESSAGE_INTEGRITY, Buffer.alloc(INTEGRITY_BYTES)));
	attributes.push(attribute(FINGERPRINT, Buffer.alloc(4)));
	const header = Buffer.alloc(HEADER_BYTES);
	header.writeUInt16BE(typeOf(message.class), 0);
	header.writeUInt32BE(MAGIC_COOKIE, 4);
	message.transactionID.copy(header, 8);
	const packet = Buffer.concat([header, ...attributes]);
	packet.writeUInt16BE(packet.length - HEADER_BYTES, 2);
	const integrityOffset = packet.length - FINGERPRINT_ATTRIBUTE_BYTES - INTEGRITY_ATTRIBUTE_BYTES;
	integrityOf(packet, integrityOffset, key).copy(packet, integrityOffset + 4);
	const fingerprintOffset = packet.length - FINGERPRINT_ATTRIBUTE_BYTES;
	const checksum = crc32(packet.subarray(0, fingerprintOffset)) ^ FINGERPRINT_XOR;
	packet.writeUInt32BE(checksum >>> 0, fingerprintOffset + 4);
	return packet;
}

const HEADER_BYTES = 20;
const MAGIC_COOKIE = 0x2112a442;
const INTEGRITY_BYTES = 20;
const INTEGRITY_ATTRIBUTE_BYTES = 24;
const FINGERPRINT_ATTRIBUTE_BYTES = 8;
/** RFC 8489 §14.7. */
const FINGERPRINT_XOR = 0x5354554e;

const USERNAME = 0x0006;
const MESSAGE_INTEGRITY = 0x0008;
const XOR_MAPPED_ADDRESS = 0x0020;
const PRIORITY = 0x0024;
const USE_CANDIDATE = 0x0025;
const FINGERPRINT = 0x8028;
const ICE_CONTROLLING = 0x802a;

/** Message types of the method Binding (RFC 8489 §5). */
const CLASSES: ReadonlyMap<number, StunClass> = new Map([
	[0x0001, "request"],
	[0x0011, "indication"],
	[0x0101, "success"],
	[0x0111, "error"],
]);

function typeOf(messageClass: StunClass): number {
	for (const [type, name] of CLASSES) if (name === messageClass) return type;
	return 0;
}

type Attribute = { type: number; offset: number; value: Buffer };

/** Attributes that lie inside the message; a truncated one ends the list. */
function readAttributes(packet: Buffer): Attribute[] {
	const attributes: Attribute[] = [];
	let offset = HEADER_BYTES;
	while (offset + 4 <= packet.length) {
		const size = packet.readUInt16BE(offset + 2);
		const end = offset + 4 + size;
		if (end > packet.length) return attributes;
		attributes.push({ type: packet.readUInt16BE(offset), offset, value: packet.subarray(offset + 4, end) });
		offset = (end + 3) & ~3;
	}
	return attributes;
}

function applyAttribute(message: StunBinding, type: number, value: Buffer): void {
	switch (type) {
		case USERNAME:
			message.username = value.toString("utf8");
			return;
		case PRIORITY:
			if (value.length === 4) message.priority = value.readUInt32BE(0);
			return;
		case USE_CANDIDATE:
			message.useCandidate = true;
			return;
		case ICE_CONTROLLING:
			if (value.length === 8) message.iceControlling = value;
			return;
		case XOR_MAPPED_ADDRESS:
			if (value.length === 8) message.mappedAddress = readXorAddress(value);
			return;
		default:
			return;
	}
}

/** Over everything before the attribute, with the length as if the message ended after it. */
function integrityOf(packet: Buffer, offset: number, key: KeyObject): Buffer {
	const covered = Buffer.from(packet.subarray(0, offset));
	covered.writeUInt16BE(offset - HEADER_BYTES + INTEGRITY_ATTRIBUTE_BYTES, 2);
	return createHmac("sha1", key).update(covered).digest();
}

function attribute(type: number, value: Buffer): Buffer {
	const buffer = Buffer.alloc(4 + ((value.length + 3) & ~3));
	buffer.writeUInt16BE(type, 0);
	buffer.writeUInt16BE(value.length, 2);
	value.copy(buffer, 4);
	return buffer;
}

function word(value: number): Buffer {
	const buffer = Buffer.alloc(4);
	buffer.writeUInt32BE(value >>> 0, 0);
	return buffer;
}

/** RFC 8489 §14.2. */
function xorAddress({ address, port }: { address: string; port: number }): Buffer {
	const value = Buffer.from([0, 1, 0, 0, 0, 0, 0, 0]);
	value.writeUInt16BE(port ^ (MAGIC_COOKIE >>> 16), 2);
	const number = address.split(".").reduce((sum, byte) => sum * 256 + Number(byte), 0);
	value.writeUInt32BE((number ^ MAGIC_COOKIE) >>> 0, 4);
	return value;
}

function readXorAddress(value: Buffer): { address: string; port: number } {
	const number = (value.readUInt32BE(4) ^ MAGIC_COOKIE) >>> 0;
	const bytes = [number >>> 24, (number >>> 16) & 0xff, (number >>> 8) & 0xff, number & 0xff];
	return { address: bytes.join("."), port: value.readUInt16BE(2) ^ (MAGIC_COOKIE >>> 16) };
}
