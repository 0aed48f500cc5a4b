import { spawn } from "node:child_process";

/** Runs a program to its end, with these lines as its input. Returns what it printed; throws what it complained of. */
export async function runCommand(
	program: string,
	args: readonly string[],
	lines: readonly string[] = [],
): Promise<string> {
	const child = spawn(program, args, { stdio: [lines.length > 0 ? "pipe" : "ignore", "pipe", "pipe"] });
	let output = "";
	let complaint = "";
	child.stdout?.setEncoding("utf8").on("data", (text: string) => {
		output += text;
	});
	child.stderr?.setEncoding("utf8").on("data", (text: string) => {
		complaint += text;
	});
	const code = await new Promise<number | null>((resolve, reject) => {
		child.once("error", reject);
		// A program that ends before it has read everything says why itself.
		child.stdin?.once("error", () => undefined).end(lines.map((line) => `${line}\n`).join(""));
		child.once("close", resolve);
	});
	if (code !== 0) throw new Error(`${program} ${args.join(" ")}: ${code} ${complaint}`);
	return output;
}
