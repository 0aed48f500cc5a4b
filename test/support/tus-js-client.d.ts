import type { UrlStorage } from "tus-js-client";

declare module "tus-js-client" {
	/** In its build for Node; its types forget it. */
	export const FileUrlStorage: new (path: string) => UrlStorage;
}
