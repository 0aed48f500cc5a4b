import { createReadStream } from "node:fs";
import { basename } from "node:path";
import { FileUrlStorage, Upload } from "tus-js-client";

/** A foreign tus client as a program of its own, so that it can be killed: `endpoint file token memory`. Says how far it is, in lines of JSON. */
const [endpoint = "", file = "", token = "", memory = ""] = process.argv.slice(2);

const upload = new Upload(createReadStream(file), {
	endpoint,
	headers: { authorization: `Bearer ${token}` },
	metadata: { filename: basename(file), filetype: "video/mp4" },
	urlStorage: new FileUrlStorage(memory),
	retryDelays: [500, 1000, 2000, 4000, 8000],
	storeFingerprintForResuming: true,
	onProgress: (sent: number, total: number | null) => say({ sent, total }),
	onSuccess: () => say({ url: upload.url }),
	onError: (error: Error) => {
		say({ error: error.message });
		process.exitCode = 1;
	},
});
const [previous] = await upload.findPreviousUploads();
if (previous) upload.resumeFromPreviousUpload(previous);
say({ resumes: previous !== undefined });
upload.start();

function say(line: Record<string, unknown>): void {
	process.stdout.write(`${JSON.stringify(line)}\n`);
}
