import { type Config, readConfig } from "../adapters/config.ts";
import { BanTable } from "../adapters/database/ban-table.ts";
import { CallTable } from "../adapters/database/call-table.ts";
import { CaptionTable } from "../adapters/database/caption-table.ts";
import { ChannelTable } from "../adapters/database/channel-table.ts";
import { ContactTable } from "../adapters/database/contact-table.ts";
import { openDatabase } from "../adapters/database/database.ts";
import { IdempotencyTable } from "../adapters/database/idempotency-table.ts";
import { LivestreamTable } from "../adapters/database/livestream-table.ts";
import { ProgressTable } from "../adapters/database/progress-table.ts";
import { UploadTable } from "../adapters/database/upload-table.ts";
import { UserTable } from "../adapters/database/user-table.ts";
import { VideoTable } from "../adapters/database/video-table.ts";
import { ViewTable } from "../adapters/database/view-table.ts";
import { type KeySet, Mac } from "../adapters/keys.ts";
import { RealtimeSfu } from "../adapters/realtime-sfu.ts";
import { RealtimeTurn } from "../adapters/realtime-turn.ts";
import { Tokens } from "../adapters/tokens.ts";
import { UploadStore } from "../adapters/upload-store.ts";
import { AppError } from "../protocol/errors.ts";
import type { CallID, ChannelID, StreamID, UserID, VideoID } from "../protocol/ids.ts";

/** Everything a route may use, made once a request. */
export class Services {
	readonly env: Env;
	readonly config: Config;
	readonly users: UserTable;
	readonly channels: ChannelTable;
	readonly livestreams: LivestreamTable;
	readonly bans: BanTable;
	readonly contacts: ContactTable;
	readonly calls: CallTable;
	readonly idempotency: IdempotencyTable;
	readonly videos: VideoTable;
	readonly uploads: UploadTable;
	readonly uploadStore: UploadStore;
	readonly captions: CaptionTable;
	readonly progress: ProgressTable;
	readonly views: ViewTable;

	constructor(env: Env) {
		const database = openDatabase(env.DB);
		this.env = env;
		this.config = readConfig(env);
		this.users = new UserTable(database);
		this.channels = new ChannelTable(database);
		this.livestreams = new LivestreamTable(database);
		this.bans = new BanTable(database);
		this.contacts = new ContactTable(database);
		this.calls = new CallTable(database);
		this.idempotency = new IdempotencyTable(database);
		this.videos = new VideoTable(database);
		this.uploads = new UploadTable(database);
		this.uploadStore = new UploadStore(env.MEDIA);
		this.captions = new CaptionTable(database);
		this.progress = new ProgressTable(database);
		this.views = new ViewTable(database);
	}

	async keys(): Promise<KeySet> {
		cachedKeys ??= await this.env.KEY_RING.getByName("main").keys();
		return cachedKeys;
	}

	async tokens(): Promise<Tokens> {
		return new Tokens(await this.keys());
	}

	async mac(): Promise<Mac> {
		return new Mac((await this.keys()).macKeys);
	}

	liveStream(streamID: StreamID) {
		return this.env.LIVE_STREAM.getByName(streamID);
	}

	callRoom(callID: CallID) {
		return this.env.CALL_ROOM.getByName(callID);
	}

	pipeline(videoID: VideoID) {
		return this.env.PIPELINE.getByName(videoID);
	}

	userHub(userID: UserID) {
		return this.env.USER_HUB.getByName(userID);
	}

	chatHub(channelID: ChannelID) {
		return this.env.CHAT_HUB.getByName(channelID);
	}

	/** Throws AppError `realtime-not-configured`. */
	sfu(): RealtimeSfu {
		if (!this.config.realtime)
			throw new AppError("realtime-not-configured", "Cloudflare Realtime is not set up here.");
		return new RealtimeSfu(this.config.realtime);
	}

	/** Null if TURN is not set up. */
	turn(): RealtimeTurn | null {
		return this.config.turn ? new RealtimeTurn(this.config.turn) : null;
	}
}

/** The key ring never changes while an isolate lives. */
let cachedKeys: KeySet | undefined;
