import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { useLocation } from "preact-iso";
import type { Video } from "../../protocol/vod.ts";
import controls from "../shell/controls.module.css";
import { Icon } from "../shell/icons.tsx";
import { MenuButton, type MenuItem } from "../shell/menu.tsx";
import { formatAgo, plural } from "../shell/time.ts";
import { notify } from "../shell/toasts.tsx";
import { formatBytes } from "../upload/speed-meter.ts";
import { downloadSource } from "./download-source.ts";
import styles from "./library.module.css";
import { LibraryName } from "./library-name.tsx";
import { PipelineSteps } from "./pipeline-steps.tsx";
import { Thumbnail } from "./thumbnail.tsx";
import { deleteWithUndo, restoreVideo } from "./video-changes.ts";
import { isPlayable, STATE_WORDS, VISIBILITY_WORDS } from "./video-words.ts";
import { WorkProgress } from "./work-progress.tsx";

/** One work of the library. */
export function LibraryRow({
	video,
	reload,
	isSelected,
	choose,
}: {
	video: Video;
	reload: () => void;
	isSelected: boolean;
	/** Selects it or not; `isRange`: with all from the one before. */
	choose: (isRange: boolean) => void;
}): JSX.Element {
	const [isOpen, setOpen] = useState(false);
	const [isEditing, edit] = useState(false);
	const { videoID, title, state, visibility, views, createdAt, sizeBytes, deletedAt, failure } = video;
	const isDeleted = deletedAt !== null;
	const hasSteps = !isDeleted && (state === "processing" || state === "playable" || state === "failed");
	return (
		<li class={styles.row} data-state={state} data-selected={isSelected}>
			<label class={styles.pick}>
				<span class="visually-hidden">Select {title}</span>
				<input
					class={styles.box}
					type="checkbox"
					checked={isSelected}
					onClick={(event) => choose(event.shiftKey)}
				/>
			</label>
			<Thumbnail video={video} />
			<div class={styles.words}>
				<LibraryName video={video} isEditing={isEditing} edit={edit} reload={reload} />
				<p class={styles.facts}>
					<span class={styles.state} data-state={state}>
						{isDeleted ? "Deleted" : STATE_WORDS[state].label}
					</span>
					<span>
						<Icon name={visibilityIcon(video)} size={14} /> {VISIBILITY_WORDS[visibility].label}
					</span>
					<span>{formatBytes(sizeBytes)}</span>
					<span>{plural(views, "view")}</span>
					<span>{formatAgo(Date.parse(createdAt), Date.now())}</span>
				</p>
				{state === "failed" && !isDeleted ? (
					<p class={styles.fault}>{failure ?? "No reason was given."}</p>
				) : null}
				{state === "uploading" && !isDeleted ? (
					<p class={controls.hint}>Not finished. Choose or drop the same file here to go on with it.</p>
				) : null}
				{hasSteps ? (
					<button type="button" class={styles.more} aria-expanded={isOpen} onClick={() => setOpen(!isOpen)}>
						{isOpen ? "Hide the steps" : "Show the steps"}
					</button>
				) : null}
				{hasSteps && !isOpen && state !== "failed" ? <WorkProgress video={video} /> : null}
				{hasSteps && isOpen ? (
					<PipelineSteps videoID={videoID} isRunning={state !== "failed"} onRetry={reload} />
				) : null}
			</div>
			<RowMenu video={video} reload={reload} rename={() => edit(true)} />
		</li>
	);
}

function RowMenu({
	video,
	reload,
	rename,
}: {
	video: Video;
	reload: () => void;
	rename: () => void;
}): JSX.Element {
	const { route } = useLocation();
	const { videoID, title } = video;
	if (video.deletedAt !== null) {
		return (
			<button type="button" class={controls.button} onClick={() => void restoreVideo(videoID).then(reload)}>
				<Icon name="retry" size={16} />
				Restore
			</button>
		);
	}
	const link = new URL(`/watch/${videoID}`, location.href).href;
	const items: MenuItem[] = [
		...(isPlayable(video) ? [{ label: "Watch", run: () => route(`/watch/${videoID}`) }] : []),
		{ label: "Rename", run: rename, shortcut: "F2" },
		{ label: "Details", run: () => route(`/studio/v/${videoID}`) },
		{
			label: "Copy the link",
			run: () => {
				navigator.clipboard.writeText(link).then(
					() => notify("Link copied"),
					() => notify(`This browser does not let us copy. The link is ${link}`, "bad"),
				);
			},
		},
		...(video.state === "uploading"
			? []
			: [{ label: "Download the original", run: () => void downloadSource(videoID) }]),
		{ label: "Delete", tone: "danger", run: () => void deleteWithUndo(video, reload) },
	];
	return (
		<MenuButton label={`More for ${title}`} class={controls.icon} items={items}>
			<Icon name="more" />
		</MenuButton>
	);
}

function visibilityIcon({ visibility }: Video): "eye" | "link" | "lock" {
	return ({ public: "eye", unlisted: "link", private: "lock" } as const)[visibility];
}
