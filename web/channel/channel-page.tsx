import type { JSX } from "preact";
import { useRoute } from "preact-iso";
import { ChannelReference } from "../../protocol/ids.ts";
import { Watch } from "../live/watch/watch-page.tsx";
import { NotFoundPage } from "../shell/not-found-page.tsx";

/** `/@handle`: the channel as it is now, live or not. Every other one-part address leads nowhere. */
export function ChannelPage(): JSX.Element {
	const { params } = useRoute();
	const handle = params.handle ?? "";
	if (!handle.startsWith("@") || !ChannelReference.safeParse(handle).success) return <NotFoundPage />;
	return <Watch key={handle} id={handle} />;
}
