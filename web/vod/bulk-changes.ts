import type { VideoID } from "../../protocol/ids.ts";
import { deleteVideo, type Video, type Visibility } from "../../protocol/vod.ts";
import { call } from "../shell/api.ts";
import { describeFailure } from "../shell/failure.ts";
import { isOnline } from "../shell/online.ts";
import { plural } from "../shell/time.ts";
import { notify } from "../shell/toasts.tsx";
import { changeVideo } from "./video-changes.ts";
import { VISIBILITY_WORDS } from "./video-words.ts";

/** Works that are changed at the same time. */
const AT_ONCE = 4;

/** Deletes works, and offers to take all of that back. `onChange` is called after each of both. */
export async function deleteWorks(videos: readonly Video[], onChange: () => void): Promise<void> {
	const deleted = await changeAll(videos, async ({ videoID }) => {
		await call(deleteVideo, { params: { videoID } });
	});
	onChange();
	if (deleted.length === 0) return;
	const they = deleted.length === 1 ? "It is" : "They are";
	notify(`${plural(deleted.length, "work")} deleted. ${they} erased in 30 days.`, "plain", {
		label: "Undo",
		run: () => void restoreWorks(deleted, onChange),
	});
}

/** Takes deletions back. */
export async function restoreWorks(videos: readonly Video[], onChange: () => void): Promise<void> {
	const restored = await changeAll(videos, ({ videoID }) => changeVideo(videoID, { deleted: false }, null));
	onChange();
	if (restored.length > 0) notify(`${plural(restored.length, "work")} restored.`);
}

/** Lets others see works, or not; offers to give each back what it had. */
export async function showWorks(
	videos: readonly Video[],
	visibility: Visibility,
	onChange: () => void,
): Promise<void> {
	const others = videos.filter((video) => video.visibility !== visibility);
	const changed = await changeAll(others, ({ videoID }) => changeVideo(videoID, { visibility }, null));
	onChange();
	const words = VISIBILITY_WORDS[visibility].label.toLowerCase();
	if (changed.length === 0) {
		if (others.length === 0) notify(`${plural(videos.length, "work")} already ${words}.`);
		return;
	}
	notify(`${plural(changed.length, "work")} now ${words}.`, "plain", {
		label: "Undo",
		run: () => {
			const back = changeAll(changed, (video) =>
				changeVideo(video.videoID, { visibility: video.visibility }, null),
			);
			void back.then(onChange);
		},
	});
}

/** Gives a work another title, and offers to take that back. True if it has it now. */
export async function renameWork(
	{ videoID, title }: Pick<Video, "videoID" | "title">,
	wanted: string,
	onChange: () => void,
): Promise<boolean> {
	const give = (name: string) => changeVideo(videoID, { title: name }, null);
	try {
		await give(wanted);
	} catch (error) {
		notify(describeFailure(error, isOnline.value).whatHappened, "bad");
		return false;
	}
	onChange();
	notify("Renamed.", "plain", {
		label: "Undo",
		run: () => {
			give(title).then(onChange, (error: unknown) =>
				notify(describeFailure(error, isOnline.value).whatHappened, "bad"),
			);
		},
	});
	return true;
}

/** Changes each, a few at once. What could not be changed is said, with the first reason. Returns those that were. */
async function changeAll(
	videos: readonly Video[],
	change: (video: Video) => Promise<unknown>,
): Promise<Video[]> {
	const waiting = [...videos];
	const changed = new Set<VideoID>();
	const failures: unknown[] = [];
	const work = async () => {
		for (let video = waiting.shift(); video; video = waiting.shift()) {
			try {
				await change(video);
				changed.add(video.videoID);
			} catch (error) {
				failures.push(error);
			}
		}
	};
	await Promise.all(Array.from({ length: AT_ONCE }, work));
	if (failures.length > 0) {
		const { whatHappened } = describeFailure(failures[0], isOnline.value);
		notify(`${failures.length} of ${videos.length} could not be changed. ${whatHappened}`, "bad");
	}
	return videos.filter((video) => changed.has(video.videoID));
}
