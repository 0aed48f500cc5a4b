import { ApiError, NoAnswerError } from "./api.ts";

/** An error told to people: what happened, what we do about it, what they can do, and an id for support. */
export interface Failure {
	title: string;
	whatHappened: string;
	whatWeDo: string;
	whatYouCanDo: string;
	/** The server's trace, or the error's name when it never got there. */
	id: string;
	isOffline: boolean;
}

/** Puts an error into words. `isOnline`: what the browser says of its network. */
export function describeFailure(error: unknown, isOnline: boolean): Failure {
	if (error instanceof NoAnswerError) return isOnline ? UNREACHABLE : OFFLINE;
	if (error instanceof ApiError) return describeProblem(error);
	return {
		title: "Something broke on this page",
		whatHappened: error instanceof Error ? error.message : String(error),
		whatWeDo: "Nothing was sent anywhere; the rest of the page goes on working.",
		whatYouCanDo: "Try again. If it happens twice, send us the id below.",
		id: error instanceof Error ? `client-${error.name}` : "client-unknown",
		isOffline: false,
	};
}

const OFFLINE: Failure = {
	title: "You are offline",
	whatHappened: "This device has no network right now.",
	whatWeDo: "We try again by ourselves when it is back.",
	whatYouCanDo: "Check Wi-Fi or mobile data.",
	id: "client-offline",
	isOffline: true,
};

const UNREACHABLE: Failure = {
	title: "The server does not answer",
	whatHappened: "Your network works, but rostrum's server did not reply in time.",
	whatWeDo: "We try again by ourselves.",
	whatYouCanDo: "Try again now, or come back in a minute.",
	id: "client-unreachable",
	isOffline: true,
};

function describeProblem({ problem }: ApiError): Failure {
	const id = problem.traceID ?? `${problem.status}-${problem.code}`;
	const common = { id, isOffline: false, whatHappened: problem.detail ?? problem.title };
	if (problem.status === 404) {
		return {
			...common,
			title: "Not found",
			whatWeDo: "The link may be old, or have a typing mistake.",
			whatYouCanDo: "Go home and look for it there.",
		};
	}
	if (problem.status === 401 || problem.status === 403) {
		return {
			...common,
			title: problem.status === 401 ? "Sign in first" : "Not for this account",
			whatWeDo: "We keep the page as it is.",
			whatYouCanDo: problem.status === 401 ? "Sign in, then try again." : "Sign in with another account.",
		};
	}
	if (problem.status === 429) {
		return {
			...common,
			title: "Too many requests",
			whatWeDo: "The server asks for a short break.",
			whatYouCanDo: "Wait a few seconds, then try again.",
		};
	}
	return {
		...common,
		title: problem.status >= 500 ? "The server had a problem" : "That did not work",
		whatWeDo: problem.status >= 500 ? "It is in our log under the id below." : "Nothing was changed.",
		whatYouCanDo: "Try again. If it happens twice, send us the id.",
	};
}
