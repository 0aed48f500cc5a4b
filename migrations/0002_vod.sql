CREATE TABLE `captions` (
	`videoID` text NOT NULL,
	`language` text NOT NULL,
	`label` text NOT NULL,
	`origin` text NOT NULL,
	PRIMARY KEY(`videoID`, `language`),
	FOREIGN KEY (`videoID`) REFERENCES `videos`(`videoID`) ON UPDATE no action ON DELETE no action
);
--> statement-breakpoint
CREATE TABLE `chunks` (
	`uploadID` text NOT NULL,
	`chunkIndex` integer NOT NULL,
	`chunkStatus` text NOT NULL,
	`etag` text,
	`fingerprint` text,
	PRIMARY KEY(`uploadID`, `chunkIndex`),
	FOREIGN KEY (`uploadID`) REFERENCES `uploads`(`uploadID`) ON UPDATE no action ON DELETE no action
);
--> statement-breakpoint
CREATE TABLE `progress` (
	`userID` text NOT NULL,
	`videoID` text NOT NULL,
	`positionMs` integer NOT NULL,
	`durationMs` integer NOT NULL,
	`deviceID` text NOT NULL,
	`at` integer NOT NULL,
	PRIMARY KEY(`userID`, `videoID`),
	FOREIGN KEY (`videoID`) REFERENCES `videos`(`videoID`) ON UPDATE no action ON DELETE no action
);
--> statement-breakpoint
CREATE INDEX `progress_recent` ON `progress` (`userID`,`at`);--> statement-breakpoint
CREATE TABLE `uploads` (
	`uploadID` text PRIMARY KEY NOT NULL,
	`videoID` text NOT NULL,
	`ownerID` text NOT NULL,
	`protocol` text NOT NULL,
	`filename` text NOT NULL,
	`contentType` text NOT NULL,
	`sizeBytes` integer NOT NULL,
	`chunkBytes` integer NOT NULL,
	`fingerprint` text,
	`state` text NOT NULL,
	`multipartID` text NOT NULL,
	`origin` text NOT NULL,
	`offsetBytes` integer DEFAULT 0 NOT NULL,
	`tailKey` text,
	`lockedUntil` integer DEFAULT 0 NOT NULL,
	`lockID` text,
	`metadata` text,
	`createdAt` integer NOT NULL,
	`expiresAt` integer NOT NULL,
	FOREIGN KEY (`videoID`) REFERENCES `videos`(`videoID`) ON UPDATE no action ON DELETE no action
);
--> statement-breakpoint
CREATE UNIQUE INDEX `uploads_open` ON `uploads` (`ownerID`,`fingerprint`,`sizeBytes`) WHERE "state" = 'open';--> statement-breakpoint
CREATE INDEX `uploads_fingerprint` ON `uploads` (`ownerID`,`fingerprint`);--> statement-breakpoint
CREATE INDEX `uploads_video` ON `uploads` (`videoID`);--> statement-breakpoint
CREATE TABLE `videos` (
	`videoID` text PRIMARY KEY NOT NULL,
	`kind` text NOT NULL,
	`ownerID` text NOT NULL,
	`channelID` text,
	`title` text NOT NULL,
	`description` text NOT NULL,
	`tags` text NOT NULL,
	`visibility` text NOT NULL,
	`chapters` text NOT NULL,
	`properties` text NOT NULL,
	`state` text NOT NULL,
	`failure` text,
	`durationMs` integer,
	`width` integer,
	`height` integer,
	`renditions` text NOT NULL,
	`files` text NOT NULL,
	`posterKey` text,
	`views` integer DEFAULT 0 NOT NULL,
	`sizeBytes` integer NOT NULL,
	`revision` integer DEFAULT 1 NOT NULL,
	`createdAt` integer NOT NULL,
	`publishedAt` integer,
	`deletedAt` integer,
	FOREIGN KEY (`ownerID`) REFERENCES `users`(`userID`) ON UPDATE no action ON DELETE no action,
	FOREIGN KEY (`channelID`) REFERENCES `channels`(`channelID`) ON UPDATE no action ON DELETE no action
);
--> statement-breakpoint
CREATE INDEX `videos_owner` ON `videos` (`ownerID`,`videoID`);--> statement-breakpoint
CREATE INDEX `videos_channel` ON `videos` (`channelID`,`videoID`);--> statement-breakpoint
CREATE INDEX `videos_public` ON `videos` (`visibility`,`videoID`);