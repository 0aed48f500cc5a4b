import type { JSX } from "preact";
import { useRef, useState } from "preact/hooks";
import { deleteCaptions, putCaptions, type Video } from "../../protocol/vod.ts";
import { call } from "../shell/api.ts";
import controls from "../shell/controls.module.css";
import { describeFailure } from "../shell/failure.ts";
import { TextField } from "../shell/form-field.tsx";
import { Icon } from "../shell/icons.tsx";
import { isOnline } from "../shell/online.ts";
import { notify } from "../shell/toasts.tsx";
import { captionFile, languageName } from "./caption-file.ts";
import styles from "./details.module.css";

/** Captions of a work: those there are, and a way to bring a file. */
export function CaptionsEditor({ video, onChange }: { video: Video; onChange: () => void }): JSX.Element {
	async function remove(language: string): Promise<void> {
		try {
			await call(deleteCaptions, { params: { videoID: video.videoID, language } });
			onChange();
		} catch (error) {
			notify(describeFailure(error, isOnline.value).whatHappened, "bad");
		}
	}
	return (
		<section class={styles.box} aria-labelledby="captions">
			<h2 id="captions" class={styles.boxTitle}>
				Captions
			</h2>
			{video.tracks.length === 0 ? <p class={controls.hint}>None yet.</p> : null}
			<ul class={styles.tracks}>
				{video.tracks.map(({ language, label, origin }) => (
					<li key={language} class={styles.track}>
						<span>
							{label} <small>{origin === "file" ? `${language}, from the file` : language}</small>
						</span>
						<button
							type="button"
							class={controls.icon}
							aria-label={`Remove the captions ${label}`}
							onClick={() => void remove(language)}
						>
							<Icon name="trash" size={18} />
						</button>
					</li>
				))}
			</ul>
			<AddCaptions video={video} onChange={onChange} />
		</section>
	);
}

function AddCaptions({ video, onChange }: { video: Video; onChange: () => void }): JSX.Element {
	const [language, setLanguage] = useState("en");
	const [fault, setFault] = useState<string | null>(null);
	const [isBusy, setBusy] = useState(false);
	const input = useRef<HTMLInputElement>(null);
	async function add(file: File): Promise<void> {
		const kind = captionFile(file);
		if ("fault" in kind) {
			setFault(kind.fault);
			return;
		}
		const named = kind.language ?? language.trim();
		if (!/^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$/.test(named)) {
			setFault("Say the language first, as in “en” or “pt-BR”.");
			return;
		}
		setBusy(true);
		setFault(null);
		try {
			const content = new Blob([await file.arrayBuffer()], { type: kind.type });
			const params = { videoID: video.videoID, language: named };
			await call(putCaptions, { params, query: { label: languageName(named) } }, { content });
			notify(`Captions in ${languageName(named)} are there`);
			onChange();
		} catch (error) {
			setFault(describeFailure(error, isOnline.value).whatHappened);
		} finally {
			setBusy(false);
		}
	}
	return (
		<div class={styles.addCaptions}>
			<TextField
				id="caption-language"
				label="Language"
				hint="“en”, “de”, “pt-BR”. A name like talk.de.srt says it too."
				autocapitalize="none"
				autocomplete="off"
				spellcheck={false}
				maxLength={20}
				value={language}
				fault={fault ?? undefined}
				onInput={(event) => {
					setLanguage(event.currentTarget.value);
					setFault(null);
				}}
			/>
			<button type="button" class={controls.button} disabled={isBusy} onClick={() => input.current?.click()}>
				{isBusy ? <span class={controls.spinner} aria-hidden="true" /> : <Icon name="upload" size={16} />}
				Add .vtt or .srt
			</button>
			<input
				ref={input}
				type="file"
				hidden
				accept=".vtt,.srt,text/vtt,application/x-subrip"
				aria-label="Caption file"
				data-testid="caption-input"
				onChange={(event) => {
					const file = event.currentTarget.files?.[0];
					event.currentTarget.value = "";
					if (file !== undefined) void add(file);
				}}
			/>
		</div>
	);
}
