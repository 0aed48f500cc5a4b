import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import type { Browser, Page } from "playwright-core";
import { register } from "../../protocol/account.ts";
import type { TopologyChoice } from "../../protocol/call.ts";
import { type CallID, type JoinCode, ParticipantID } from "../../protocol/ids.ts";
import type { JoinOptions } from "./page-call.ts";
import { PASSWORD } from "./stage.ts";
import { Caller } from "./system.ts";

let users = 0;

export interface StartedCall {
	/** Speaks for the host. */
	host: Caller;
	callID: CallID;
	code: JoinCode;
	participantIDs: Map<string, ParticipantID>;
}

/** A page with several people in calls, each by the product's own call engine. What they do is said by `page.evaluate` on `window.calls`. */
export class CallPage implements AsyncDisposable {
	readonly page: Page;
	readonly #url: string;

	private constructor(page: Page, url: string) {
		this.page = page;
		this.#url = url;
	}

	/** A page of the system's origin with nothing in it but the engine. A made-up one would not be let to its sockets. */
	static async open(browser: Browser, url: string): Promise<CallPage> {
		const page = await browser.newPage({ bypassCSP: true });
		await page.goto(`${url}/healthz`);
		await page.addScriptTag({ content: await pageScript() });
		return new CallPage(page, url);
	}

	/** An account of its own; its token. */
	async newUser(): Promise<Caller> {
		const caller = new Caller(this.#url);
		users += 1;
		const userName = `caller_${users}_${process.pid}`;
		const { accessToken } = await caller.call(register, { body: { userName, password: PASSWORD } });
		caller.token = accessToken;
		return caller;
	}

	/** Joins in the name of a new user; the host's token may be given. */
	async join(callID: string, name: string, options: Partial<JoinOptions> = {}): Promise<string> {
		const token = options.token ?? (await this.newUser()).token ?? "";
		const all = { ...options, token, callID, name };
		return await this.page.evaluate((one) => window.calls.join(one), all);
	}

	async state(name: string) {
		return await this.page.evaluate((one) => window.calls.state(one), name);
	}

	async inbound(name: string, of: string) {
		return await this.page.evaluate((one) => window.calls.inbound(...one), [name, of] as const);
	}

	/** A new call of a new host, who joins first under the first name; the others follow one by one. */
	async begin(
		names: readonly [string, ...string[]],
		{ topology, ...options }: Partial<JoinOptions> & { topology?: TopologyChoice } = {},
	): Promise<StartedCall> {
		const host = await this.newUser();
		const token = host.token ?? "";
		const made = await this.page.evaluate(([by, choice]) => window.calls.create(by, choice), [
			token,
			topology ?? "auto",
		] as const);
		const participantIDs = new Map<string, ParticipantID>();
		for (const [index, name] of names.entries()) {
			const one = await this.join(made.code, name, { ...options, ...(index === 0 ? { token } : {}) });
			participantIDs.set(name, ParticipantID.parse(one));
		}
		return { host, ...made, participantIDs };
	}

	async leaveAll(): Promise<void> {
		await this.page.evaluate(() => {
			for (const name of [...window.calls.callers.keys()]) window.calls.leave(name);
		});
	}

	/** Waits until everybody named sees and hears everybody else named. Says what is missing when time is up. */
	async allSeeAll(names: readonly string[], withinMs = 30_000): Promise<void> {
		const until = performance.now() + withinMs;
		let missing: string[] = ["not looked yet"];
		while (missing.length > 0) {
			if (performance.now() > until) throw new Error(`nobody sees all: ${missing.join("; ")}`);
			missing = await this.page.evaluate(missingIn, [...names]);
			await this.page.waitForTimeout(50);
		}
	}

	/** Waits until every edge between these goes this way and no move is left. */
	async allGo(names: readonly string[], via: "p2p" | "sfu", withinMs = 30_000): Promise<void> {
		await this.page.waitForFunction(
			([people, way]) =>
				people.every((name) =>
					window.calls
						.state(name)
						.people.every(({ send, recv }) =>
							[send, recv].every((edge) => edge?.via === way && edge.move === null),
						),
				),
			[[...names], via] as const,
			{ timeout: withinMs },
		);
	}

	async resetGaps(): Promise<void> {
		await this.page.evaluate(() => window.calls.resetGaps());
	}

	async gaps() {
		return await this.page.evaluate(() => window.calls.gaps());
	}

	async [Symbol.asyncDispose](): Promise<void> {
		await this.page.close();
	}
}

/** Runs in the page. */
function missingIn(names: string[]): string[] {
	return names.flatMap((name) => {
		const { phase, people } = window.calls.state(name);
		const others = names.filter((other) => other !== name);
		if (phase !== "connected") return [`${name} is ${phase}`];
		return others.flatMap((other) => {
			const person = people.find((one) => one.name === other);
			if (person === undefined) return [`${name} does not know ${other}`];
			const isSeen = person.videoState === "flowing" || (!person.media.cam && person.videoState === "off");
			const isHeard = person.level > 0.01;
			return isSeen && isHeard ? [] : [`${name} of ${other}: ${person.videoState}, level ${person.level}`];
		});
	});
}

let script: Promise<string> | null = null;

/** `page-call.ts` with the engine as one plain script. */
function pageScript(): Promise<string> {
	script ??= bundle();
	return script;
}

async function bundle(): Promise<string> {
	const entry = fileURLToPath(new URL("page-call.ts", import.meta.url));
	const built = await build({ entryPoints: [entry], bundle: true, write: false, format: "iife" });
	const [output] = built.outputFiles;
	if (output === undefined) throw new Error("esbuild wrote nothing");
	return output.text;
}
