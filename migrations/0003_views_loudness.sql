CREATE TABLE `views` (
	`videoID` text NOT NULL,
	`viewerHash` text NOT NULL,
	`addressHash` text,
	`at` integer NOT NULL,
	PRIMARY KEY(`videoID`, `viewerHash`),
	FOREIGN KEY (`videoID`) REFERENCES `videos`(`videoID`) ON UPDATE no action ON DELETE no action
);
--> statement-breakpoint
CREATE INDEX `views_address` ON `views` (`videoID`,`addressHash`);--> statement-breakpoint
CREATE INDEX `views_at` ON `views` (`at`);--> statement-breakpoint
ALTER TABLE `videos` ADD `loudnessLufs` real;