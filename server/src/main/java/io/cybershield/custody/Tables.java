package io.cybershield.custody;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What becomes of each table when a company is taken out, brought in or ended: the one place where
 * it is decided. A test fails where a table or a column of the database has no decision here.
 */
final class Tables {
    private Tables() {}

    /** Where the rows lie, and with that how they go. */
    enum Place {
        /** In the company's own schema, and goes with it. */
        OWN,
        /** Among those of other companies, by {@code tenant_id}. */
        SHARED,
        /** Tied to the company by something else; {@link Ties} finds them. */
        TIED,
        /** The installation's own: nothing of a company is in it. */
        INSTALLATION
    }

    /** Whether and how rows leave in an export. */
    enum Export {
        YES,
        /** For people to read: another installation has its own of these, so none comes in. */
        FOR_READING,
        NO
    }

    /**
     * @param name with its schema, unless that is the company's own
     * @param columns that leave in the clear; never {@code tenant_id}, which the manifest has once
     * @param secrets columns that leave only sealed under a passphrase, or not at all
     * @param left columns that stay, each with the reason
     * @param why rows stay altogether; empty where they leave
     */
    record Table(
            Place place,
            String name,
            Export export,
            List<String> columns,
            List<String> secrets,
            Map<String, String> left,
            String why) {
        private Table secret(String column) {
            var more = new ArrayList<>(secrets);
            more.add(column);
            return new Table(place, name, export, columns, List.copyOf(more), left, why);
        }

        private Table without(String column, String because) {
            var more = new LinkedHashMap<>(left);
            more.put(column, because);
            return new Table(place, name, export, columns, secrets, more, why);
        }

        private Table forReading() {
            return new Table(place, name, Export.FOR_READING, columns, secrets, left, why);
        }

        boolean exported() {
            return export != Export.NO;
        }

        /** In the archive; unique there. */
        String file() {
            return "tables/" + (place == Place.OWN ? "company." + name : name) + ".ndjson";
        }
    }

    private static Table own(String name, String columns) {
        return table(Place.OWN, name, columns);
    }

    private static Table shared(String name, String columns) {
        return table(Place.SHARED, name, columns);
    }

    private static Table table(Place place, String name, String columns) {
        return new Table(
                place, name, Export.YES, List.of(columns.split(" ")), List.of(), Map.of(), "");
    }

    private static Table stays(Place place, String name, String why) {
        return new Table(place, name, Export.NO, List.of(), List.of(), Map.of(), why);
    }

    /** A table comes after those that its rows refer to. */
    static final List<Table> ALL =
            List.of(
                    shared(
                                    "platform.account",
                                    "id email name role state totp_step mfa_at last_sign_in_at"
                                            + " created_at credentials password_at user_handle"
                                            + " role_until clearance")
                            .secret("password_hash")
                            .secret("totp_secret")
                            .without("totp_pending", "of a set-up that was under way"),
                    shared(
                            "platform.service_account",
                            "id name description role state created_by created_at"),
                    shared(
                                    "platform.api_key",
                                    "id account_id service_account_id name hint scopes networks"
                                            + " created_by created_at expires_at revoked_at"
                                            + " last_used_at last_used_from last_refused_at"
                                            + " reminded_at")
                            .secret("key_hash"),
                    shared(
                            "platform.passkey",
                            "id account_id credential_id name public_key aaguid sign_count"
                                + " backup_eligible backed_up transports created_at last_used_at"),
                    shared("platform.session_bounds", "idle_minutes absolute_minutes"),
                    shared("platform.policy_epoch", "epoch"),
                    shared(
                                    "platform.host_mark",
                                    "name_key classification criticality marked_by marked_at")
                            .without("host_key", "made of name_key")
                            .without("mark", "made of the two before"),
                    shared(
                            "platform.custom_role",
                            "name permissions conditions revision changed_at"),
                    shared(
                            "platform.policy_version",
                            "version policies saved_by saved_name saved_at"),
                    shared(
                                    "platform.oauth_client",
                                    "id name service_account_id hint generation redirect_uris"
                                        + " scopes created_by created_at revoked_at last_used_at")
                            .secret("secret_hash"),
                    shared(
                            "platform.scim_user",
                            "id user_name address external_id display_name given_name family_name "
                                    + "ended deleted role_from_groups created_at changed_at"),
                    shared(
                            "platform.scim_group",
                            "id display_name external_id role created_at changed_at"),
                    shared("platform.scim_member", "group_id person_id"),
                    shared(
                                    "platform.identity_provider",
                                    "id name issuer client_id mode new_people trusts_factors"
                                            + " acr_values emergency_account revision changed_at")
                            .secret("client_secret"),
                    shared("platform.email_domain", "domain created_at proved_at")
                            .without("challenge", "proves nothing elsewhere")
                            .forReading(),
                    shared("platform.federated_identity", "issuer subject account_id linked_at"),
                    shared("platform.provider_member", "account_id role given_at").forReading(),
                    shared(
                                    "platform.delegation_request",
                                    "id roles people until note sent_to created_name created_at "
                                            + "withdrawn_at used_at")
                            .without("code_hash", "opens nothing elsewhere")
                            .without("customer_id", "another company")
                            .without("code_expires_at", "of the code")
                            .forReading(),
                    shared(
                                    "platform.delegation",
                                    "id provider_name roles people until note agreed_name agreed_at"
                                            + " revoked_name revoked_at")
                            .without("provider_id", "another company")
                            .forReading(),
                    shared("platform.delegation_use", "grant_id account_id name first_at last_at")
                            .forReading(),
                    shared(
                            "platform.brand",
                            "name accent_light accent_dark sender_name sender_address footer"
                                    + " for_customers revision changed_at"),
                    shared("platform.brand_logo", "file content made_at"),
                    shared("platform.brand_choice", "chosen_at")
                            .without("provider_id", "another company")
                            .forReading(),
                    shared("platform.brand_host", "host created_at proved_at")
                            .without("challenge", "proves nothing elsewhere")
                            .forReading(),
                    shared("platform.sign_in_habit", "subject kind value last_at"),
                    shared(
                            "platform.sign_in_visit",
                            "subject at address latitude longitude accuracy_km"),
                    shared(
                            "platform.sign_in_notice",
                            "id account_id fold kinds at last_at times address country device"
                                    + " device_key words finding_id mailed answer answered_at"),
                    shared("platform.factor_reset_delay", "hours"),
                    shared(
                                    "platform.factor_reset",
                                    "id account_id asked_by asked_name asked_at confirmed_by"
                                            + " confirmed_name confirmed_at usable_at expires_at"
                                            + " ended_at used_at")
                            .without("token_hash", "a link in a mail leads here")
                            .forReading(),
                    shared(
                            "platform.legal_hold",
                            "id reason by_operator set_by set_at lifted_by lifted_at"
                                    + " lifted_reason"),
                    shared("platform.audit_checkpoint", "seq hash at key_id signature")
                            .forReading(),
                    shared(
                                    "telemetry.source",
                                    "id name kind token_hint state created_at revoked_at")
                            .secret("token_hash"),
                    shared(
                            "telemetry.source_activity",
                            "source_id received unparsed refused last_received_at"),
                    shared("telemetry.event_minute", "minute events unparsed refused"),
                    shared(
                                    "telemetry.event",
                                    "id occurred_at received_at source_id source_name class_uid"
                                        + " class_name activity severity_id host user_name message"
                                        + " parsed ocsf raw words")
                            .without("host_key", "computed from the host"),
                    shared(
                            "platform.connection",
                            "connector target state reason opened_at until times opened "
                                    + "trying_until per_minute burst next_slot"),
                    shared("platform.correlation_clock", "due_at"),
                    shared("platform.hook", "id workflow_id node"),
                    shared("platform.trigger_due", "workflow_id node kind key tick due_at"),
                    shared("platform.run_queue", "served_at weight look_at"),
                    shared(
                                    "platform.workflow_dispatch",
                                    "run_id step epoch kind idempotency_key due_at takes")
                            .without("claim", "of a node of this installation")
                            .without("lease_until", "of a node of this installation"),
                    shared("platform.workflow_timer", "run_id timer due_at"),
                    shared(
                                    "platform.subscription",
                                    "seq plan monthly_cents currency from_at until_at trial_until")
                            .forReading(),
                    shared("platform.usage_day", "day meter amount").forReading(),
                    shared(
                                    "platform.invoice",
                                    "number id month issued_at currency total_cents document")
                            .forReading(),
                    own(
                            "audit_entry",
                            "seq id at actor_kind actor_id actor_name action target outcome address"
                                    + " detail previous hash"),
                    own(
                            "upload",
                            "id file_name bytes state records refused problems started_at ended_at "
                                    + "touched_at started_by"),
                    own(
                            "rule",
                            "id file rule_id title level log_source tags origin enabled problem"
                                + " problem_line mend text text_hash description author"
                                + " rule_references hits last_hit_at updated_at kind quarantined_at"
                                + " quarantine"),
                    own(
                            "rule_import",
                            "id file_name files loaded refused unchanged refusals at imported_by"),
                    own("rule_set", "only_one revision shipped"),
                    own(
                            "finding",
                            "id event_id rule_id occurred_at created_at title severity host "
                                    + "user_name tags why incident_id about correlation"),
                    own(
                            "incident",
                            "id number title summary severity state host host_key owner_id"
                                + " owner_name risk findings tags opened_at first_finding_at"
                                + " last_finding_at last_added_at responded_at approvals_waiting"
                                + " version"),
                    own("incident_number", "only_one last"),
                    own("incident_rule", "incident_id rule_id title severity findings"),
                    own(
                            "incident_entry",
                            "id incident_id at kind actor text severity ref_kind ref_id"),
                    own("incident_task", "id incident_id title state created_at created_by"),
                    own("audit_head", "seq hash"),
                    own("asset", "id name name_key source_name first_seen_at last_seen_at"),
                    own("simulator_endpoint", "host isolated_at isolated_by"),
                    own("simulator_order", "idempotency_key host action at repeats"),
                    own(
                            "workflows",
                            "id name description state draft revision published_version template "
                                    + "created_at updated_at updated_by published_revision"),
                    own(
                            "workflow_versions",
                            "workflow_id version hash definition published_at published_by"),
                    own("workflow_nodes", "workflow_id version key type name config"),
                    own("workflow_edges", "workflow_id version from_node port to_node"),
                    own("workflow_triggers", "workflow_id node kind config"),
                    own(
                            "workflow_instances",
                            "id number workflow_id version workflow_name state subject incident_id"
                                + " started_by started_at ended_at result steps_done steps_total"
                                + " journal_length journal_head parent_run parent_step parent_epoch"
                                + " depth continued_as"),
                    own("workflow_journal", "run_id seq event hash"),
                    own(
                            "workflow_executions",
                            "run_id step state epoch attempts started_at ended_at port input output"
                                    + " error"),
                    own(
                            "workflow_approvals",
                            "id run_id step epoch workflow_name title action target role bound"
                                + " action_hash incident_id requested_at due_at state decided_by"
                                + " decided_at reason plan stage stages have need step_up note"
                                + " opened_at alarmed_at"),
                    own(
                            "workflow_notifications",
                            "run_id dedupe_key step channel recipient subject queued_at"),
                    own("finding_event", "finding_id place event_id"),
                    own("correlation_feed", "id line fed_at occurrences hits taken"),
                    own(
                            "correlation_line",
                            "line taken covered newest_covered rules checkpoint touched_at"),
                    own(
                            "correlation_tally",
                            "only_one since taken late ungrouped evicted overflowed failed restarts"
                                    + " forgotten findings"),
                    own("rule_cost", "rule_id runs steps cut_off since measured_at"),
                    own(
                            "seen_source",
                            "source product category service channel event_id fields events "
                                    + "first_seen_at last_seen_at"),
                    own("seen_since", "only_one since version overflowed"),
                    own("trigger_state", "workflow_id node enabled fired_at hook secret_at")
                            .secret("secret"),
                    own("trigger_count", "workflow_id node what count last_at"),
                    own("trigger_run", "run_id workflow_id node depth tick"),
                    own("trigger_delivery", "workflow_id node key request run_id expires_at"),
                    own(
                            "trigger_group",
                            "workflow_id node key opened_at last_at closes_at folded subject depth "
                                    + "run_id"),
                    own("trigger_group_event", "workflow_id node key seq event"),
                    own("run_limit", "workflow_id most key_expression most_per_key when_full"),
                    own("run_limit_all", "most"),
                    own(
                            "run_place",
                            "run_id workflow_id node key alone line seq queued queued_at input"),
                    own("workflow_secrets", "name updated_at updated_by").secret("sealed"),
                    own("workflow_edits", "workflow_id revision editor name at"),
                    own(
                            "workflow_reviews",
                            "id workflow_id revision hash base_version state asked_by asked_name"
                                    + " asked_at note decided_by decided_name decided_at comment"
                                    + " version"),
                    own("workflow_rules", "four_eyes off_at off_by off_name changed_at changed_by"),
                    own(
                            "workflow_bench",
                            "workflow_id pins tests gate revision updated_at updated_by"),
                    own(
                            "workflow_approval_votes",
                            "approval_id seq stage account account_name in_place_of"
                                    + " in_place_of_name approve reason action_hash stepped_up"
                                    + " cast_at"),
                    own("workflow_run_people", "run_id account"),
                    own("workflow_version_people", "workflow_id version account part"),
                    own(
                            "workflow_tasks",
                            "id run_id step epoch workflow_name title instructions form asked"
                                + " escalate incident_id assignee assignee_name requested_at sla_at"
                                + " overdue_told due_at state done_by done_at reason fields"),
                    own(
                            "approval_templates",
                            "name description settings revision updated_at updated_by"),
                    own(
                            "approval_delegations",
                            "id lender lender_name holder holder_name approval_id begins_at ends_at"
                                    + " reason made_at ended_at"),
                    own(
                            "workflow_signals",
                            "id signal payload sent_by received_at kept_until told"),
                    own("workflow_signal_waits", "run_id step epoch signal"),
                    own(
                            "workflow_dead_letters",
                            "run_id number workflow_id workflow_name version subject step node_type"
                                    + " reason attempts may_have_happened resumable failed_at times"
                                    + " state decided_by decided_at note"),
                    own("workflow_error_runs", "run_id deals_with"),
                    own("workflow_holds", "run_id step epoch connector target until has_slot why"),
                    own(
                            "workflow_payloads",
                            "hash bytes stored_bytes chunk_hashes content touched_at"),
                    own("workflow_payload_chunks", "content number data written_at"),
                    own("workflow_payload_uses", "run_id hash"),
                    own("workflow_bundle_keys", "id public_key name added_at added_by")
                            .secret("sealed"),
                    own(
                            "workflow_origins",
                            "key_id source workflow_id version made_at imported_at"),
                    own("workflow_moves", "run_id from_version to_version at moved_by reason"),
                    // Rows that stay and go with the company; those that refer to others first.
                    stays(Place.SHARED, "platform.oauth_refresh", "people say yes again"),
                    stays(Place.SHARED, "platform.oauth_grant", "people say yes again"),
                    stays(
                            Place.SHARED,
                            "platform.recovery_code",
                            "codes for emergencies are of one installation; people make new ones"),
                    stays(
                            Place.SHARED,
                            "platform.invitation",
                            "links in mails lead here; who has not come yet is invited anew"),
                    stays(Place.SHARED, "platform.sign_in_link", "opens a session here"),
                    stays(Place.SHARED, "platform.password_reset", "a link in a mail leads here"),
                    stays(Place.SHARED, "platform.email_change", "a link in a mail leads here"),
                    stays(
                            Place.SHARED,
                            "platform.sign_in_failure",
                            "tries of the last hours at this installation's door"),
                    stays(Place.SHARED, "platform.federation_attempt", "a sign-in under way here"),
                    stays(Place.SHARED, "platform.federation_link", "a sign-in under way here"),
                    stays(
                            Place.SHARED,
                            "platform.mail",
                            "links in mails are as good as passwords; what waits is sent from"
                                    + " here"),
                    stays(
                            Place.SHARED,
                            "platform.outbox",
                            "news on their way to this installation's consumers"),
                    stays(Place.SHARED, "platform.tenant_key", "keys never leave"),
                    stays(Place.SHARED, "platform.company_export", "tells of exports from here"),
                    stays(Place.SHARED, "platform.event_allowance", "what this installation gave"),
                    stays(Place.SHARED, "platform.plan_notice", "what this installation told"),
                    stays(
                            Place.SHARED,
                            "platform.event_retention",
                            "what this installation told; another one tells anew"),
                    stays(
                            Place.SHARED,
                            "telemetry.removal",
                            "how far this installation is; the trail says what it removed"),
                    stays(
                            Place.SHARED,
                            "platform.payment",
                            "a contract with this installation's provider of payments"),
                    // Found by something else than tenant_id under the walls.
                    stays(Place.TIED, "platform.tenant", "name and kind are in the manifest"),
                    stays(Place.TIED, "platform.registration", "how it began here"),
                    stays(Place.TIED, "platform.tenant_schema", "which shape the schema has here"),
                    stays(
                            Place.TIED,
                            "platform.spring_session",
                            "sessions are of one installation"),
                    stays(
                            Place.TIED,
                            "platform.spring_session_attributes",
                            "sessions are of one installation"),
                    stays(Place.TIED, "platform.passkey_challenge", "a question to one browser"),
                    stays(Place.TIED, "platform.step_up", "of one session"),
                    stays(
                            Place.TIED,
                            "eventlog.record",
                            "what came in and is not stored yet; exports are of what is stored"),
                    stays(Place.TIED, "eventlog.dead_letter", "for this installation's operator"),
                    // Of no company.
                    stays(
                            Place.INSTALLATION,
                            "platform.company_deletion",
                            "the platform's proof that a company went; outlives it"),
                    stays(
                            Place.INSTALLATION,
                            "platform.company_import",
                            "ids of companies that are being brought in; empty otherwise"),
                    stays(Place.INSTALLATION, "platform.installation", "the installation itself"),
                    stays(Place.INSTALLATION, "platform.shared_schema", "bookkeeping of changes"),
                    stays(
                            Place.INSTALLATION,
                            "platform.failed_try",
                            "hashes of who tried to sign in; forgotten within a day"),
                    stays(Place.INSTALLATION, "platform.audit_key", "signs for all companies"),
                    stays(Place.INSTALLATION, "platform.oauth_key", "signs for all companies"),
                    stays(
                            Place.INSTALLATION,
                            "platform.inbox",
                            "random ids of events that were taken; forgotten within days"),
                    stays(
                            Place.INSTALLATION,
                            "platform.payment_event",
                            "ids that the provider of payments gave"),
                    stays(Place.INSTALLATION, "eventlog.topic", "the log itself"),
                    stays(Place.INSTALLATION, "eventlog.shard", "the log itself"),
                    stays(Place.INSTALLATION, "eventlog.consumer", "the log itself"),
                    stays(Place.INSTALLATION, "eventlog.member", "the log itself"),
                    stays(Place.INSTALLATION, "eventlog.schema", "the log itself"));

    /** Those with rows that leave, in the order in which they can come in. */
    static List<Table> exported() {
        return ALL.stream().filter(Table::exported).toList();
    }

    /** Those whose rows go by {@code tenant_id}, in the order in which they can go. */
    static List<Table> shared() {
        var stay = ALL.stream().filter(t -> t.place() == Place.SHARED && !t.exported()).toList();
        var leave = ALL.stream().filter(t -> t.place() == Place.SHARED && t.exported()).toList();
        var order = new ArrayList<>(stay);
        order.addAll(leave.reversed());
        return List.copyOf(order);
    }

    static List<Table> own() {
        return ALL.stream().filter(t -> t.place() == Place.OWN).toList();
    }
}
