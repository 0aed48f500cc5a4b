import { sql } from "drizzle-orm";
import { index, integer, primaryKey, real, sqliteTable, text, uniqueIndex } from "drizzle-orm/sqlite-core";
import type { VideoRendition } from "../../protocol/vod.ts";

/** Times are milliseconds since the Unix epoch. Columns keep the seeds' spelling. */

export const users = sqliteTable("users", {
	userID: text().primaryKey(),
	userName: text().notNull().unique(),
	displayName: text().notNull(),
	email: text().unique(),
	passwordHash: text().notNull(),
	createdAt: integer().notNull(),
});

/** One row a token; `usedAt` marks a rotated one, `usedBy` the hash of the attempt's Idempotency-Key. All tokens that grew from one login share `familyID`. */
export const refreshTokens = sqliteTable(
	"refreshTokens",
	{
		tokenHash: text().primaryKey(),
		familyID: text().notNull(),
		userID: text()
			.notNull()
			.references(() => users.userID),
		createdAt: integer().notNull(),
		expiresAt: integer().notNull(),
		usedAt: integer(),
		usedBy: text(),
	},
	(table) => [index("refreshTokens_family").on(table.familyID), index("refreshTokens_user").on(table.userID)],
);

export const channels = sqliteTable(
	"channels",
	{
		channelID: text().primaryKey(),
		handle: text().notNull().unique(),
		name: text().notNull(),
		description: text().notNull(),
		ownerID: text()
			.notNull()
			.references(() => users.userID),
		followerCount: integer().notNull().default(0),
		slowModeSeconds: integer().notNull().default(0),
		createdAt: integer().notNull(),
	},
	(table) => [index("channels_owner").on(table.ownerID)],
);

/** Keys are stored as SHA-256. A revoked key stays, so that its user is told why it is refused. */
export const streamKeys = sqliteTable(
	"streamKeys",
	{
		keyHash: text().primaryKey(),
		channelID: text()
			.notNull()
			.references(() => channels.channelID),
		hint: text().notNull(),
		createdAt: integer().notNull(),
		revokedAt: integer(),
	},
	(table) => [uniqueIndex("streamKeys_current").on(table.channelID).where(sql`"revokedAt" IS NULL`)],
);

/** `s3URLs` is the R2 prefix of the stream's objects. At most one stream of a channel is current. */
export const livestreams = sqliteTable(
	"livestreams",
	{
		streamID: text().primaryKey(),
		channelID: text()
			.notNull()
			.references(() => channels.channelID),
		userID: text().notNull(),
		title: text().notNull(),
		s3URLs: text().notNull(),
		fingerprint: text(),
		state: text({ enum: ["created", "live", "paused", "ended", "failed"] }).notNull(),
		latencyMode: text({ enum: ["realtime", "low", "normal"] }).notNull(),
		renditions: text({ mode: "json" }).$type<string[]>().notNull(),
		currentWatcherCount: integer().notNull().default(0),
		peakWatchers: integer().notNull().default(0),
		createdAt: integer().notNull(),
		startedAt: integer(),
		endedAt: integer(),
	},
	(table) => [
		uniqueIndex("livestreams_current")
			.on(table.channelID)
			.where(sql`"state" IN ('created', 'live', 'paused')`),
		index("livestreams_channel").on(table.channelID, table.streamID),
	],
);

/** A row exists only while somebody follows, subscribes or is banned (004:163). */
export const channelUsers = sqliteTable(
	"channelUsers",
	{
		channelID: text()
			.notNull()
			.references(() => channels.channelID),
		userID: text().notNull(),
		isFollowing: integer({ mode: "boolean" }).notNull().default(false),
		isBanned: integer({ mode: "boolean" }).notNull().default(false),
		banReason: text(),
		bannedAt: integer(),
		bannedUntil: integer(),
		bannedBy: text(),
	},
	(table) => [primaryKey({ columns: [table.channelID, table.userID] })],
);

/** How `userID` stands to `otherID`; two rows a pair, except that who is blocked has none. */
export const contacts = sqliteTable(
	"contacts",
	{
		userID: text()
			.notNull()
			.references(() => users.userID),
		otherID: text()
			.notNull()
			.references(() => users.userID),
		state: text({ enum: ["accepted", "pending", "requested", "blocked"] }).notNull(),
		since: integer().notNull(),
	},
	(table) => [primaryKey({ columns: [table.userID, table.otherID] })],
);

/** Calls, past and current: the catalogue. What happens in a call is with its CallRoom object. */
export const calls = sqliteTable("calls", {
	callID: text().primaryKey(),
	code: text().notNull().unique(),
	kind: text({ enum: ["audio", "video"] }).notNull(),
	title: text().notNull(),
	hostID: text()
		.notNull()
		.references(() => users.userID),
	hostName: text().notNull(),
	state: text({ enum: ["ringing", "open", "ended", "missed", "declined", "cancelled"] }).notNull(),
	access: text({ enum: ["invite", "link", "lobby"] }).notNull(),
	isLocked: integer({ mode: "boolean" }).notNull().default(false),
	topologyChoice: text({ enum: ["auto", "p2p", "sfu"] }).notNull(),
	topology: text({ enum: ["p2p", "mixed", "sfu"] }).notNull(),
	recordingState: text({ enum: ["off", "recording"] }).notNull(),
	participantCount: integer().notNull().default(0),
	createdAt: integer().notNull(),
	startedAt: integer(),
	endedAt: integer(),
});

/** Whoever a call concerned, guests too: who began it, who was rung (`invitedByID`), who came by its link. */
export const callMembers = sqliteTable(
	"callMembers",
	{
		callID: text()
			.notNull()
			.references(() => calls.callID),
		userID: text().notNull(),
		displayName: text().notNull(),
		direction: text({ enum: ["outgoing", "incoming"] }).notNull(),
		outcome: text({
			enum: ["answered", "missed", "declined", "cancelled", "busy", "ringing", "joined"],
		}).notNull(),
		invitedByID: text(),
		joinedAt: integer(),
		leftAt: integer(),
	},
	(table) => [
		primaryKey({ columns: [table.callID, table.userID] }),
		index("callMembers_history").on(table.userID, table.callID),
	],
);

/** Video and audio on demand: the catalogue. How far one is processed is with its Pipeline object. */
export const videos = sqliteTable(
	"videos",
	{
		videoID: text().primaryKey(),
		kind: text({ enum: ["video", "audio"] }).notNull(),
		ownerID: text()
			.notNull()
			.references(() => users.userID),
		channelID: text().references(() => channels.channelID),
		title: text().notNull(),
		description: text().notNull(),
		tags: text({ mode: "json" }).$type<string[]>().notNull(),
		visibility: text({ enum: ["public", "unlisted", "private"] }).notNull(),
		chapters: text({ mode: "json" }).$type<{ startsAtMs: number; title: string }[]>().notNull(),
		/** The document part: free JSON of at most 8 KiB. */
		properties: text({ mode: "json" }).$type<Record<string, unknown>>().notNull(),
		state: text({ enum: ["uploading", "processing", "playable", "ready", "failed"] }).notNull(),
		failure: text(),
		durationMs: integer(),
		width: integer(),
		height: integer(),
		/** Integrated loudness of the sound (EBU R 128); null if it was not measured. */
		loudnessLufs: real(),
		renditions: text({ mode: "json" }).$type<VideoRendition[]>().notNull(),
		/** Which files there are besides renditions: `poster.jpg`, `storyboard.vtt`, `waveform.json`, `download.mp4`. */
		files: text({ mode: "json" }).$type<string[]>().notNull(),
		/** A poster that the owner has given instead. */
		posterKey: text(),
		views: integer().notNull().default(0),
		sizeBytes: integer().notNull(),
		/** Counts what people change; it is the ETag of what is said of the work. */
		revision: integer().notNull().default(1),
		createdAt: integer().notNull(),
		publishedAt: integer(),
		deletedAt: integer(),
	},
	(table) => [
		index("videos_owner").on(table.ownerID, table.videoID),
		index("videos_channel").on(table.channelID, table.videoID),
		index("videos_public").on(table.visibility, table.videoID),
	],
);

/** One row an upload, by chunks or by tus. `multipartID` is R2's; a tus upload keeps what is not a whole part yet under `tailKey`. */
export const uploads = sqliteTable(
	"uploads",
	{
		uploadID: text().primaryKey(),
		videoID: text()
			.notNull()
			.references(() => videos.videoID),
		ownerID: text().notNull(),
		protocol: text({ enum: ["chunks", "tus"] }).notNull(),
		filename: text().notNull(),
		contentType: text().notNull(),
		sizeBytes: integer().notNull(),
		chunkBytes: integer().notNull(),
		fingerprint: text(),
		state: text({ enum: ["open", "complete", "aborted", "expired"] }).notNull(),
		multipartID: text().notNull(),
		/** Address at which the uploader reached us: media programs are told it if nothing else is configured. */
		origin: text().notNull(),
		offsetBytes: integer().notNull().default(0),
		tailKey: text(),
		/** One writer at a time: until when, and which. */
		lockedUntil: integer().notNull().default(0),
		lockID: text(),
		metadata: text(),
		createdAt: integer().notNull(),
		expiresAt: integer().notNull(),
	},
	(table) => [
		uniqueIndex("uploads_open")
			.on(table.ownerID, table.fingerprint, table.sizeBytes)
			.where(sql`"state" = 'open'`),
		index("uploads_fingerprint").on(table.ownerID, table.fingerprint),
		index("uploads_video").on(table.videoID),
	],
);

/** The chunk ledger; a chunk without a row has not been uploaded. */
export const chunks = sqliteTable(
	"chunks",
	{
		uploadID: text()
			.notNull()
			.references(() => uploads.uploadID),
		chunkIndex: integer().notNull(),
		chunkStatus: text({ enum: ["NOT_UPLOADED", "UPLOADED", "FAILED"] }).notNull(),
		etag: text(),
		fingerprint: text(),
	},
	(table) => [primaryKey({ columns: [table.uploadID, table.chunkIndex] })],
);

/** Text tracks of a work, as `captions/{language}.vtt` below it. */
export const captions = sqliteTable(
	"captions",
	{
		videoID: text()
			.notNull()
			.references(() => videos.videoID),
		language: text().notNull(),
		label: text().notNull(),
		origin: text({ enum: ["file", "upload"] }).notNull(),
	},
	(table) => [primaryKey({ columns: [table.videoID, table.language] })],
);

/** How far somebody has watched something; `at` is the clock of the device that told it last. */
export const progress = sqliteTable(
	"progress",
	{
		userID: text().notNull(),
		videoID: text()
			.notNull()
			.references(() => videos.videoID),
		positionMs: integer().notNull(),
		durationMs: integer().notNull(),
		deviceID: text().notNull(),
		at: integer().notNull(),
	},
	(table) => [
		primaryKey({ columns: [table.userID, table.videoID] }),
		index("progress_recent").on(table.userID, table.at),
	],
);

/** Who has been counted as a viewer of what lately, so that nobody is counted twice. Hashes tell viewers and addresses apart and nothing else. */
export const views = sqliteTable(
	"views",
	{
		videoID: text()
			.notNull()
			.references(() => videos.videoID),
		viewerHash: text().notNull(),
		addressHash: text(),
		at: integer().notNull(),
	},
	(table) => [
		primaryKey({ columns: [table.videoID, table.viewerHash] }),
		index("views_address").on(table.videoID, table.addressHash),
		index("views_at").on(table.at),
	],
);

/** Answers to requests with an Idempotency-Key, by a hash of user, route and key. `status` is null while the first one runs. */
export const idempotency = sqliteTable(
	"idempotency",
	{
		requestHash: text().primaryKey(),
		bodyHash: text().notNull(),
		status: integer(),
		reply: text(),
		createdAt: integer().notNull(),
	},
	(table) => [index("idempotency_createdAt").on(table.createdAt)],
);
