import type { JSX } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { getIceServers } from "../../../protocol/call-sfu.ts";
import { enterAsGuest } from "../../account/guest-session.ts";
import { session } from "../../account/session.ts";
import { call } from "../../shell/api.ts";
import controls from "../../shell/controls.module.css";
import { describeFailure } from "../../shell/failure.ts";
import { Icon, type IconName } from "../../shell/icons.tsx";
import { isOnline } from "../../shell/online.ts";
import styles from "./connection-test.module.css";
import { judgeConnection, LEGS, type Leg, type LegResults, type LegState, serversOfLeg } from "./legs.ts";
import { probeLeg } from "./probe-leg.ts";

type Progress = Partial<Record<Leg, LegState>>;

type State =
	| { name: "idle" }
	| { name: "running"; results: Progress }
	| { name: "done"; results: LegResults }
	| { name: "failed"; error: unknown };

/** Tries every way out of this network and says which one is blocked. Takes at most ten seconds. */
export function ConnectionTest({ displayName }: { displayName: string }): JSX.Element {
	const [state, setState] = useState<State>({ name: "idle" });
	const until = useRef(new AbortController());
	useEffect(() => () => until.current.abort(), []);
	async function run(): Promise<void> {
		until.current.abort();
		until.current = new AbortController();
		setState({ name: "running", results: {} });
		try {
			if (session.value.kind !== "signed-in") await enterAsGuest(displayName.trim() || "Guest");
			const results = await probeAll(until.current.signal, (progress) =>
				setState({ name: "running", results: progress }),
			);
			setState({ name: "done", results });
		} catch (error) {
			setState({ name: "failed", error });
		}
	}
	const isRunning = state.name === "running";
	return (
		<section class={styles.test} aria-label="Connection test">
			<div class={styles.head}>
				<span>
					<Icon name="signal" size={18} />
					Connection
				</span>
				<button type="button" class={controls.quiet} disabled={isRunning} onClick={() => void run()}>
					{isRunning ? <span class={controls.spinner} aria-hidden="true" /> : null}
					{buttonLabel(state)}
				</button>
			</div>
			<div role="status">
				<Outcome state={state} />
			</div>
			{state.name === "running" || state.name === "done" ? <Legs results={state.results} /> : null}
		</section>
	);
}

async function probeAll(until: AbortSignal, tell: (progress: Progress) => void): Promise<LegResults> {
	const { iceServers } = await call(getIceServers, { query: {} });
	const progress: Progress = {};
	const states = await Promise.all(
		LEGS.map(async (leg) => {
			const state = await probeLeg(leg, serversOfLeg(leg, iceServers), until);
			progress[leg] = state;
			if (!until.aborted) tell({ ...progress });
			return state;
		}),
	);
	const [stun = "missing", udp = "missing", tcp = "missing", tls = "missing"] = states;
	return { stun, "turn-udp": udp, "turn-tcp": tcp, "turn-tls": tls };
}

function buttonLabel({ name }: State): string {
	if (name === "running") return "Testing…";
	return name === "idle" ? "Test it" : "Test again";
}

function Outcome({ state }: { state: State }): JSX.Element | null {
	if (state.name === "failed") {
		const { title, whatYouCanDo } = describeFailure(state.error, isOnline.value);
		return <p class={controls.fault}>{`${title}. ${whatYouCanDo}`}</p>;
	}
	if (state.name !== "done") return null;
	const { grade, code, words, advice } = judgeConnection(state.results);
	return (
		<div class={styles.outcome} data-grade={grade} data-testid="connection-verdict" data-code={code}>
			<p class={styles.verdict}>
				<Icon name={grade === "lost" ? "alert" : "check"} size={18} />
				{words}
			</p>
			{advice === null ? null : <p class={styles.advice}>{advice}</p>}
			<code class={styles.code}>{code}</code>
		</div>
	);
}

const NAMES: Record<Leg, string> = {
	stun: "Direct (UDP)",
	"turn-udp": "Relay UDP",
	"turn-tcp": "Relay TCP",
	"turn-tls": "Relay TLS",
};

const WORDS: Record<LegState, { icon: IconName; word: string }> = {
	ok: { icon: "check", word: "works" },
	blocked: { icon: "close", word: "blocked" },
	missing: { icon: "minus", word: "not offered here" },
};

function Legs({ results }: { results: Progress }): JSX.Element {
	return (
		<dl class={styles.legs}>
			{LEGS.map((leg) => {
				const state = results[leg];
				return (
					<div key={leg} data-state={state ?? "running"}>
						<dt>{NAMES[leg]}</dt>
						<dd>
							{state === undefined ? (
								<span class={controls.spinner} />
							) : (
								<Icon name={WORDS[state].icon} size={16} />
							)}
							{state === undefined ? "trying" : WORDS[state].word}
						</dd>
					</div>
				);
			})}
		</dl>
	);
}
