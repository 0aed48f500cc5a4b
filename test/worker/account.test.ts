import { describe, expect, test } from "vitest";
import { Problem } from "../../protocol/errors.ts";
import { registerUser, send } from "./client.ts";

async function problem(reply: Response): Promise<Problem> {
	expect(reply.headers.get("content-type")).toBe("application/problem+json");
	return Problem.parse(await reply.json());
}

describe("registering", () => {
	test("gives tokens with which the account can be read", async () => {
		const session = await registerUser();

		const reply = await send("GET", "/users/me", { token: session.accessToken });

		expect(reply.status).toBe(200);
		expect(await reply.json()).toMatchObject({ userID: session.user.userID, channels: [] });
	});

	test("under a taken name is a conflict", async () => {
		const { user } = await registerUser();

		const reply = await send("POST", "/auth/register", {
			body: { userName: user.userName, password: "0123456789" },
		});

		expect(await problem(reply)).toMatchObject({ status: 409, code: "user-name-taken" });
	});

	test("with bad fields says which, by JSON pointer", async () => {
		const reply = await send("POST", "/auth/register", { body: { userName: "A B", password: "short" } });

		const { code, errors } = await problem(reply);
		expect(code).toBe("validation");
		expect(errors?.map((error) => error.pointer).sort()).toEqual(["#/password", "#/userName"]);
	});
});

describe("logging in", () => {
	test("works with the right password only, and does not tell which part was wrong", async () => {
		const { user } = await registerUser();

		const right = await send("POST", "/auth/login", {
			body: { userName: user.userName, password: "correct horse battery" },
		});
		const wrong = await problem(
			await send("POST", "/auth/login", { body: { userName: user.userName, password: "wrong" } }),
		);
		const nobody = await problem(
			await send("POST", "/auth/login", { body: { userName: "nobody", password: "wrong" } }),
		);

		expect(right.status).toBe(200);
		expect([wrong.code, wrong.detail]).toEqual([nobody.code, nobody.detail]);
		expect(wrong.status).toBe(401);
	});

	test.each([
		["no token", undefined],
		["a forged token", "eyJhbGciOiJub25lIn0.eyJzdWIiOiJ1c18xIn0."],
		["nonsense", "x"],
	])("with %s an account cannot be read", async (_what, token) => {
		const reply = await send("GET", "/users/me", token === undefined ? {} : { token });

		expect(reply.headers.get("www-authenticate") ?? "Bearer").toBe("Bearer");
		expect((await problem(reply)).code).toBe("unauthenticated");
	});

	test("is also read from the seeds' spelling of the header", async () => {
		const { accessToken } = await registerUser();

		const reply = await send("GET", "/users/me", { headers: { authentication: `Bearer ${accessToken}` } });

		expect(reply.status).toBe(200);
	});
});

describe("refreshing", () => {
	const refresh = (refreshToken: string, headers: Record<string, string> = {}) =>
		send("POST", "/auth/refresh", { body: { refreshToken }, headers });

	test("gives new tokens; using the old one again ends the whole family", async () => {
		const { refreshToken } = await registerUser();

		const first = await refresh(refreshToken);
		const { refreshToken: next } = await first.json<{ refreshToken: string }>();
		const reused = await problem(await refresh(refreshToken));
		const afterwards = await refresh(next);

		expect(first.status).toBe(200);
		expect(reused.code).toBe("refresh-reused");
		expect(afterwards.status).toBe(401);
	});

	test("of one token many times at once succeeds once", async () => {
		const { refreshToken } = await registerUser();

		const replies = await Promise.all(Array.from({ length: 8 }, () => refresh(refreshToken)));

		expect(replies.filter((reply) => reply.status === 200)).toHaveLength(1);
	});

	test("may be repeated under the same Idempotency-Key when the answer was lost", async () => {
		const { refreshToken } = await registerUser();
		await refresh(refreshToken, { "idempotency-key": "attempt-1" });

		const repeated = await refresh(refreshToken, { "idempotency-key": "attempt-1" });
		const stranger = await refresh(refreshToken, { "idempotency-key": "attempt-2" });

		expect(repeated.status).toBe(200);
		expect((await problem(stranger)).code).toBe("refresh-reused");
	});
});

test("a guest may read their own name but not make a channel", async () => {
	const reply = await send("POST", "/auth/guest", { body: { displayName: "Gast" } });
	const { accessToken } = await reply.json<{ accessToken: string }>();

	const me = await send("GET", "/users/me", { token: accessToken });
	const channel = await send("POST", "/channels", {
		token: accessToken,
		body: { handle: "guests", name: "x" },
	});

	expect(await me.json()).toMatchObject({ displayName: "Gast", isGuest: true });
	expect(channel.status).toBe(403);
});

test("the public key is published and the private one is not", async () => {
	const { keys } = await (await send("GET", "/.well-known/jwks.json")).json<{ keys: object[] }>();

	expect(keys[0]).toMatchObject({ kty: "EC", crv: "P-256", alg: "ES256" });
	expect(keys[0]).not.toHaveProperty("d");
});

describe("hostile requests", () => {
	test.each([
		["not JSON", "{", { "content-type": "application/json" }, 400, "malformed-json"],
		[
			"another type",
			"a=1",
			{ "content-type": "application/x-www-form-urlencoded" },
			415,
			"unsupported-media-type",
		],
		[
			"a megabyte",
			`"${"x".repeat(1_000_000)}"`,
			{ "content-type": "application/json" },
			413,
			"payload-too-large",
		],
	])("%s is refused", async (_what, body, headers, status, code) => {
		const reply = await send("POST", "/auth/login", { body, headers });

		expect(await problem(reply)).toMatchObject({ status, code });
	});
});
