import { expect, test } from "vitest";
import { ApiError, NoAnswerError } from "../../shell/api.ts";
import { judgeSfuFault } from "./sfu-fault.ts";

function apiError(status: number, code: string, members: Record<string, unknown> = {}): ApiError {
	return new ApiError({ type: "about:blank", title: "", status, code, ...members }, null);
}

test("no answer and a busy service are worth another try", () => {
	expect(judgeSfuFault(new NoAnswerError("down")).kind).toBe("retry");
	expect(judgeSfuFault(apiError(502, "sfu-error", { sfuStatus: 503 })).kind).toBe("retry");
	expect(judgeSfuFault(apiError(502, "sfu-error", { sfuStatus: 425 })).kind).toBe("retry");
	expect(judgeSfuFault(new ApiError({ type: "", title: "", status: 429, code: "slow" }, 2000))).toEqual({
		kind: "retry",
		retryAfterMs: 2000,
	});
});

test("a session that is gone or out of step is made anew", () => {
	for (const sfuStatus of [404, 406, 410]) {
		expect(judgeSfuFault(apiError(502, "sfu-error", { sfuStatus })).kind).toBe("renew");
	}
	expect(judgeSfuFault(apiError(404, "not-found")).kind).toBe("renew");
});

test("a description that the browser does not take needs a new session too", () => {
	expect(judgeSfuFault(new DOMException("bad sdp", "InvalidAccessError")).kind).toBe("renew");
});

test("what is not allowed stays so", () => {
	expect(judgeSfuFault(apiError(403, "forbidden")).kind).toBe("refused");
	expect(judgeSfuFault(apiError(422, "too-many-tracks")).kind).toBe("refused");
});
