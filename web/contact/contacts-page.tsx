import type { JSX } from "preact";
import { useRef } from "preact/hooks";
import { useLocation } from "preact-iso";
import { type Contact, listContacts } from "../../protocol/contact.ts";
import { loginPath } from "../account/login-path.ts";
import { session } from "../account/session.ts";
import { JoinByCode } from "../call/invite/join-by-code.tsx";
import { contactsVersion, noteOnline } from "../notification/notifications.ts";
import { call } from "../shell/api.ts";
import controls from "../shell/controls.module.css";
import { FailurePanel } from "../shell/failure-panel.tsx";
import { Icon } from "../shell/icons.tsx";
import { usePageTitle } from "../shell/page-title.ts";
import { type Resource, useResource } from "../shell/resource.ts";
import { AddContact } from "./add-contact.tsx";
import { CallHistory } from "./call-history.tsx";
import { ContactRow } from "./contact-row.tsx";
import styles from "./contacts.module.css";

/** `/contacts`: people one calls, those who asked, and the calls there were. */
export function ContactsPage(): JSX.Element {
	usePageTitle("People");
	const { url } = useLocation();
	if (session.value.kind === "anonymous") return <Gate path={loginPath(url)} />;
	if (session.value.kind === "unknown") return <Skeleton />;
	return <Contacts />;
}

function Gate({ path }: { path: string }): JSX.Element {
	return (
		<div class={styles.gate}>
			<h1>People you call</h1>
			<p>
				Sign in to add people by their user name and ring them. Joining a call by its link needs no account.
			</p>
			<div class={styles.gateActions}>
				<a class={`${controls.primary} ${controls.large}`} href={`${path}&new=1`}>
					Make an account
				</a>
				<a class={`${controls.button} ${controls.large}`} href={path}>
					Sign in
				</a>
			</div>
			<JoinByCode />
		</div>
	);
}

const MOST_PAGES = 20;

/** All of them: a person's contacts fit on one page. */
async function loadContacts(signal: AbortSignal): Promise<Contact[]> {
	const all: Contact[] = [];
	let cursor: string | undefined;
	for (let page = 0; page < MOST_PAGES; page += 1) {
		const query = { limit: 100, ...(cursor === undefined ? {} : { cursor }) };
		const { items, nextCursor } = await call(listContacts, { query }, { signal });
		all.push(...items);
		if (nextCursor === null) break;
		cursor = nextCursor;
	}
	noteOnline(all);
	return all;
}

function Contacts(): JSX.Element {
	const contacts = useResource(`contacts ${contactsVersion.value}`, loadContacts);
	const shown = useLast(contacts);
	return (
		<div class={styles.page}>
			<div class={styles.main}>
				<header class={styles.head}>
					<h1>People</h1>
					<a class={controls.primary} href="/meet/new">
						<Icon name="camera" />
						Start a call
					</a>
				</header>
				<div class={styles.forms}>
					<AddContact reload={contacts.reload} />
					<JoinByCode />
				</div>
				{shown === undefined ? (
					<Loading contacts={contacts} />
				) : (
					<Lists all={shown} reload={contacts.reload} />
				)}
			</div>
			<CallHistory />
		</div>
	);
}

/** While the list is read again, the one before stays on screen. */
function useLast(contacts: Resource<Contact[]>): Contact[] | undefined {
	const last = useRef<Contact[] | undefined>(undefined);
	if (contacts.value !== undefined) last.current = contacts.value;
	return last.current;
}

function Loading({ contacts }: { contacts: Resource<Contact[]> }): JSX.Element {
	if (contacts.failure !== null) return <FailurePanel error={contacts.failure} retry={contacts.reload} />;
	return <Bones />;
}

function Skeleton(): JSX.Element {
	return (
		<div class={styles.page} aria-busy="true">
			<div class={styles.main}>
				<header class={styles.head}>
					<h1>People</h1>
				</header>
				<Bones />
			</div>
		</div>
	);
}

function Bones(): JSX.Element {
	return (
		<div class={styles.bones} aria-hidden="true">
			{[1, 2, 3].map((bone) => (
				<div key={bone} class={controls.skeleton} />
			))}
		</div>
	);
}

const SECTIONS = [
	{ state: "pending", title: "Want to be your contact" },
	{ state: "accepted", title: "Contacts" },
	{ state: "requested", title: "Asked by you" },
	{ state: "blocked", title: "Blocked" },
] as const;

function Lists({ all, reload }: { all: readonly Contact[]; reload: () => void }): JSX.Element {
	if (all.length === 0) {
		return (
			<div class={styles.empty} data-testid="no-contacts">
				<Icon name="people" size={32} />
				<h2>Nobody here yet</h2>
				<p>Add people by their exact user name. Once they accept, you can ring each other.</p>
			</div>
		);
	}
	return (
		<>
			{SECTIONS.map(({ state, title }) => {
				const listed = all
					.filter((contact) => contact.state === state)
					.sort((a, b) => a.displayName.localeCompare(b.displayName));
				if (listed.length === 0) return null;
				return (
					<section key={state} class={styles.section} aria-label={title}>
						<h2>
							{title} <span class="numerals">{listed.length}</span>
						</h2>
						<ul>
							{listed.map((contact) => (
								<ContactRow key={contact.userID} contact={contact} reload={reload} />
							))}
						</ul>
					</section>
				);
			})}
		</>
	);
}
