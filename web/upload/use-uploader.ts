import { useCallback, useEffect } from "preact/hooks";
import { myChannel, session } from "../account/session.ts";
import type { ChosenFile } from "./chosen-file.ts";
import { addFiles, restoreUploads } from "./uploads.ts";

/** Takes files in for the person who is signed in, and brings back what they left unfinished. */
export function useUploader(): (files: ChosenFile[]) => void {
	const ownerID = session.value.kind === "signed-in" ? session.value.user.userID : null;
	const channelID = myChannel.value?.channelID ?? null;
	useEffect(() => {
		if (ownerID === null) return;
		restoreUploads(ownerID).catch(() => {
			// Storage is switched off: nothing was kept here. The server still knows what it has, by the file's fingerprint.
		});
	}, [ownerID]);
	return useCallback(
		(files) => {
			if (ownerID !== null) addFiles(files, { ownerID, channelID });
		},
		[ownerID, channelID],
	);
}
