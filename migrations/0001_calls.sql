CREATE TABLE `callMembers` (
	`callID` text NOT NULL,
	`userID` text NOT NULL,
	`displayName` text NOT NULL,
	`direction` text NOT NULL,
	`outcome` text NOT NULL,
	`invitedByID` text,
	`joinedAt` integer,
	`leftAt` integer,
	PRIMARY KEY(`callID`, `userID`),
	FOREIGN KEY (`callID`) REFERENCES `calls`(`callID`) ON UPDATE no action ON DELETE no action
);
--> statement-breakpoint
CREATE INDEX `callMembers_history` ON `callMembers` (`userID`,`callID`);--> statement-breakpoint
CREATE TABLE `calls` (
	`callID` text PRIMARY KEY NOT NULL,
	`code` text NOT NULL,
	`kind` text NOT NULL,
	`title` text NOT NULL,
	`hostID` text NOT NULL,
	`hostName` text NOT NULL,
	`state` text NOT NULL,
	`access` text NOT NULL,
	`isLocked` integer DEFAULT false NOT NULL,
	`topologyChoice` text NOT NULL,
	`topology` text NOT NULL,
	`recordingState` text NOT NULL,
	`participantCount` integer DEFAULT 0 NOT NULL,
	`createdAt` integer NOT NULL,
	`startedAt` integer,
	`endedAt` integer,
	FOREIGN KEY (`hostID`) REFERENCES `users`(`userID`) ON UPDATE no action ON DELETE no action
);
--> statement-breakpoint
CREATE UNIQUE INDEX `calls_code_unique` ON `calls` (`code`);--> statement-breakpoint
CREATE TABLE `contacts` (
	`userID` text NOT NULL,
	`otherID` text NOT NULL,
	`state` text NOT NULL,
	`since` integer NOT NULL,
	PRIMARY KEY(`userID`, `otherID`),
	FOREIGN KEY (`userID`) REFERENCES `users`(`userID`) ON UPDATE no action ON DELETE no action,
	FOREIGN KEY (`otherID`) REFERENCES `users`(`userID`) ON UPDATE no action ON DELETE no action
);
--> statement-breakpoint
CREATE TABLE `idempotency` (
	`requestHash` text PRIMARY KEY NOT NULL,
	`bodyHash` text NOT NULL,
	`status` integer,
	`reply` text,
	`createdAt` integer NOT NULL
);
--> statement-breakpoint
CREATE INDEX `idempotency_createdAt` ON `idempotency` (`createdAt`);