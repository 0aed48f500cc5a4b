CREATE TABLE `channelUsers` (
	`channelID` text NOT NULL,
	`userID` text NOT NULL,
	`isFollowing` integer DEFAULT false NOT NULL,
	`isBanned` integer DEFAULT false NOT NULL,
	`banReason` text,
	`bannedAt` integer,
	`bannedUntil` integer,
	`bannedBy` text,
	PRIMARY KEY(`channelID`, `userID`),
	FOREIGN KEY (`channelID`) REFERENCES `channels`(`channelID`) ON UPDATE no action ON DELETE no action
);
--> statement-breakpoint
CREATE TABLE `channels` (
	`channelID` text PRIMARY KEY NOT NULL,
	`handle` text NOT NULL,
	`name` text NOT NULL,
	`description` text NOT NULL,
	`ownerID` text NOT NULL,
	`followerCount` integer DEFAULT 0 NOT NULL,
	`slowModeSeconds` integer DEFAULT 0 NOT NULL,
	`createdAt` integer NOT NULL,
	FOREIGN KEY (`ownerID`) REFERENCES `users`(`userID`) ON UPDATE no action ON DELETE no action
);
--> statement-breakpoint
CREATE UNIQUE INDEX `channels_handle_unique` ON `channels` (`handle`);--> statement-breakpoint
CREATE INDEX `channels_owner` ON `channels` (`ownerID`);--> statement-breakpoint
CREATE TABLE `livestreams` (
	`streamID` text PRIMARY KEY NOT NULL,
	`channelID` text NOT NULL,
	`userID` text NOT NULL,
	`title` text NOT NULL,
	`s3URLs` text NOT NULL,
	`fingerprint` text,
	`state` text NOT NULL,
	`latencyMode` text NOT NULL,
	`renditions` text NOT NULL,
	`currentWatcherCount` integer DEFAULT 0 NOT NULL,
	`peakWatchers` integer DEFAULT 0 NOT NULL,
	`createdAt` integer NOT NULL,
	`startedAt` integer,
	`endedAt` integer,
	FOREIGN KEY (`channelID`) REFERENCES `channels`(`channelID`) ON UPDATE no action ON DELETE no action
);
--> statement-breakpoint
CREATE UNIQUE INDEX `livestreams_current` ON `livestreams` (`channelID`) WHERE "state" IN ('created', 'live', 'paused');--> statement-breakpoint
CREATE INDEX `livestreams_channel` ON `livestreams` (`channelID`,`streamID`);--> statement-breakpoint
CREATE TABLE `refreshTokens` (
	`tokenHash` text PRIMARY KEY NOT NULL,
	`familyID` text NOT NULL,
	`userID` text NOT NULL,
	`createdAt` integer NOT NULL,
	`expiresAt` integer NOT NULL,
	`usedAt` integer,
	`usedBy` text,
	FOREIGN KEY (`userID`) REFERENCES `users`(`userID`) ON UPDATE no action ON DELETE no action
);
--> statement-breakpoint
CREATE INDEX `refreshTokens_family` ON `refreshTokens` (`familyID`);--> statement-breakpoint
CREATE INDEX `refreshTokens_user` ON `refreshTokens` (`userID`);--> statement-breakpoint
CREATE TABLE `streamKeys` (
	`keyHash` text PRIMARY KEY NOT NULL,
	`channelID` text NOT NULL,
	`hint` text NOT NULL,
	`createdAt` integer NOT NULL,
	`revokedAt` integer,
	FOREIGN KEY (`channelID`) REFERENCES `channels`(`channelID`) ON UPDATE no action ON DELETE no action
);
--> statement-breakpoint
CREATE UNIQUE INDEX `streamKeys_current` ON `streamKeys` (`channelID`) WHERE "revokedAt" IS NULL;--> statement-breakpoint
CREATE TABLE `users` (
	`userID` text PRIMARY KEY NOT NULL,
	`userName` text NOT NULL,
	`displayName` text NOT NULL,
	`email` text,
	`passwordHash` text NOT NULL,
	`createdAt` integer NOT NULL
);
--> statement-breakpoint
CREATE UNIQUE INDEX `users_userName_unique` ON `users` (`userName`);--> statement-breakpoint
CREATE UNIQUE INDEX `users_email_unique` ON `users` (`email`);