import { expect, test } from "vitest";
import { ApiError, NoAnswerError } from "./api.ts";
import { describeFailure } from "./failure.ts";

function problem(status: number, code: string, traceID?: string) {
	return new ApiError(
		{
			type: `/problems/${code}`,
			title: "Title",
			status,
			code,
			...(traceID === undefined ? {} : { traceID }),
		},
		null,
	);
}

test("no network and no server are told apart", () => {
	const error = new NoAnswerError(new TypeError("Failed to fetch"));

	expect(describeFailure(error, false).title).toBe("You are offline");
	expect(describeFailure(error, true).title).toBe("The server does not answer");
});

test("the id is the server's trace when it gave one", () => {
	expect(describeFailure(problem(500, "internal", "tr_1"), true).id).toBe("tr_1");
	expect(describeFailure(problem(500, "internal"), true).id).toBe("500-internal");
});

test("an error of our own is never blank", () => {
	const failure = describeFailure(new RangeError("Invalid time value"), true);

	expect(failure.whatHappened).toBe("Invalid time value");
	expect(failure.id).toBe("client-RangeError");
});
