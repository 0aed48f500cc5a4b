import { ApiError } from "./api.ts";

/** What is wrong with a form: texts by field name, and one for what belongs to no field. */
export interface FormFaults {
	fields: Record<string, string>;
	form: string | null;
}

export const NO_FAULTS: FormFaults = { fields: {}, form: null };

/** Takes a problem document apart by its JSON pointers (RFC 6901). `codes` gives a field to errors that have no pointer. */
export function faultsOf(error: unknown, codes: Record<string, string> = {}): FormFaults {
	if (!(error instanceof ApiError)) {
		return { fields: {}, form: error instanceof Error ? error.message : String(error) };
	}
	const { problem } = error;
	const owner = codes[problem.code];
	if (owner !== undefined) return { fields: { [owner]: problem.detail ?? problem.title }, form: null };
	const fields: Record<string, string> = {};
	for (const { pointer, detail } of problem.errors ?? []) {
		const name = pointer.replace(/^#?\//, "").split("/")[0];
		if (name !== undefined && name !== "") fields[name] ??= detail;
	}
	const form = Object.keys(fields).length > 0 ? null : (problem.detail ?? problem.title);
	return { fields, form };
}
