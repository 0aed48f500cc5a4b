import { useCallback, useEffect, useState } from "preact/hooks";
import { NoAnswerError } from "./api.ts";

/** Something that is fetched. While it is fetched again, and when that fails, the last good value stays on screen. */
export interface Resource<T> {
	value: T | undefined;
	/** Why the last attempt failed; null while it is good or under way for the first time. */
	failure: unknown;
	isLoading: boolean;
	reload: () => void;
	/** Puts a newer value in place, as after a change that the caller made itself. */
	replace: (value: T) => void;
}

interface Held<T> {
	key: string;
	value: T | undefined;
	failure: unknown;
	isLoading: boolean;
}

/** What got no answer is asked for again after this long, and when the network is back. */
const RETRY_MS = 5000;

/** Loads when `key` changes, on `reload`, and every `everyMs` while the page is visible. `load` must depend on nothing but `key`. */
export function useResource<T>(
	key: string,
	load: (signal: AbortSignal) => Promise<T>,
	{ everyMs }: { everyMs?: number } = {},
): Resource<T> {
	const [held, setHeld] = useState<Held<T>>({ key, value: undefined, failure: null, isLoading: true });
	const [turn, setTurn] = useState(0);
	const reload = useCallback(() => setTurn((count) => count + 1), []);
	const replace = useCallback((value: T) => setHeld((was) => ({ ...was, value, failure: null })), []);

	// `key` stands for everything that `load` reads; `turn` asks again.
	useEffect(() => {
		const controller = new AbortController();
		setHeld((was) => ({
			key,
			value: was.key === key ? was.value : undefined,
			failure: was.key === key ? was.failure : null,
			isLoading: true,
		}));
		load(controller.signal).then(
			(value) => {
				if (!controller.signal.aborted) setHeld({ key, value, failure: null, isLoading: false });
			},
			(failure: unknown) => {
				if (!controller.signal.aborted) setHeld((was) => ({ ...was, failure, isLoading: false }));
			},
		);
		return () => controller.abort();
	}, [key, turn]);

	const isUnanswered = held.failure instanceof NoAnswerError;
	useEffect(() => {
		if (!isUnanswered) return;
		const timer = setInterval(reload, RETRY_MS);
		window.addEventListener("online", reload);
		return () => {
			clearInterval(timer);
			window.removeEventListener("online", reload);
		};
	}, [isUnanswered, reload]);

	useEffect(() => {
		// A slow answer is waited for, not asked for anew.
		if (everyMs === undefined || held.isLoading) return;
		const timer = setInterval(() => {
			if (!document.hidden) reload();
		}, everyMs);
		return () => clearInterval(timer);
	}, [everyMs, held.isLoading, reload]);

	const current = held.key === key;
	return {
		value: current ? held.value : undefined,
		failure: current ? held.failure : null,
		isLoading: current ? held.isLoading : true,
		reload,
		replace,
	};
}

/** The time, told again every `everyMs`. */
export function useNow(everyMs: number): number {
	const [now, setNow] = useState(() => Date.now());
	useEffect(() => {
		const timer = setInterval(() => setNow(Date.now()), everyMs);
		return () => clearInterval(timer);
	}, [everyMs]);
	return now;
}
