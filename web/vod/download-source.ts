import type { VideoID } from "../../protocol/ids.ts";
import { getSource } from "../../protocol/vod.ts";
import { call } from "../shell/api.ts";
import { describeFailure } from "../shell/failure.ts";
import { isOnline } from "../shell/online.ts";
import { notify } from "../shell/toasts.tsx";

/** Has the browser save the file as it was uploaded. The page stays: the answer is an attachment. */
export async function downloadSource(videoID: VideoID): Promise<void> {
	try {
		const { url } = await call(getSource, { params: { videoID } });
		location.assign(url);
	} catch (error) {
		notify(describeFailure(error, isOnline.value).whatHappened, "bad");
	}
}
