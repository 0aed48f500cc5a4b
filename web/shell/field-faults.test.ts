import { expect, test } from "vitest";
import { ApiError } from "./api.ts";
import { faultsOf } from "./field-faults.ts";

test("each pointer of a problem lands at its field, the first one wins", () => {
	const error = new ApiError(
		{
			type: "/problems/validation",
			title: "Validation failed",
			status: 422,
			code: "validation",
			errors: [
				{ pointer: "#/password", detail: "at least 10 characters" },
				{ pointer: "#/password", detail: "second complaint" },
				{ pointer: "/userName", detail: "3 to 32 of a–z, 0–9 and _" },
			],
		},
		null,
	);

	expect(faultsOf(error)).toEqual({
		fields: { password: "at least 10 characters", userName: "3 to 32 of a–z, 0–9 and _" },
		form: null,
	});
});

test("a code without a pointer is given to the field that it is about", () => {
	const error = new ApiError(
		{ type: "/problems/user-name-taken", title: "Taken", status: 409, code: "user-name-taken" },
		null,
	);

	expect(faultsOf(error, { "user-name-taken": "userName" }).fields).toEqual({ userName: "Taken" });
	expect(faultsOf(error).form).toBe("Taken");
});
