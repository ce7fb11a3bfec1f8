/// Every figure that is shown. The list is closed; `Docs/Metrics.md` has the same.
///
/// Labels have few values, all known beforehand: no person, no card, no program, no address is ever in one.
package enum Metric: String, CaseIterable, Sendable {
    case buildInfo = "cps_agent_build_info"
    case startTime = "cps_agent_start_time_seconds"
    case trouble = "cps_agent_trouble"
    case monitoring = "cps_agent_monitoring"
    case readers = "cps_agent_readers"
    case sessions = "cps_agent_sessions"
    case logins = "cps_agent_logins_total"
    case pinRefusals = "cps_agent_pin_refusals_total"
    case tokensIssued = "cps_agent_tokens_issued_total"
    case traces = "cps_agent_traces_total"
    case logTraces = "cps_agent_log_traces"
    case logUnsigned = "cps_agent_log_unsigned_traces"
    case checkpointAge = "cps_agent_log_checkpoint_age_seconds"
    case anchorAge = "cps_agent_anchor_age_seconds"
    case anchorBehind = "cps_agent_anchor_behind_traces"
    case reserveState = "cps_agent_reserve_state"
    case reserveSize = "cps_agent_reserve_bytes"
    case reserveUsed = "cps_agent_reserve_used_bytes"
    case revocationFresh = "cps_agent_revocation_fresh"
    case revocationAge = "cps_agent_revocation_age_seconds"
    case forwardBacklog = "cps_agent_forward_backlog_traces"
    case forwardFailing = "cps_agent_forward_failing"
    case connections = "cps_agent_connections"
    case connectionsRefused = "cps_agent_connections_refused_total"
    case budgetRefusals = "cps_agent_budget_refusals_total"
    case residentMemory = "process_resident_memory_bytes"
    case openDescriptors = "process_open_fds"

    /// Counters only ever grow while the agent runs.
    package var isCounter: Bool { rawValue.hasSuffix("_total") }

    /// Names of the labels, in their order.
    package var labels: [String] {
        switch self {
        case .buildInfo: ["version"]
        case .trouble: ["trouble"]
        case .monitoring, .reserveState: ["state"]
        case .readers: ["card"]
        case .sessions: ["mode", "state"]
        case .logins: ["mode", "outcome", "code"]
        case .pinRefusals: ["code"]
        case .tokensIssued: ["mode"]
        case .traces: ["event", "outcome"]
        case .anchorAge, .anchorBehind: ["anchor"]
        case .forwardBacklog, .forwardFailing: ["target"]
        case .connections, .connectionsRefused: ["listener"]
        case .budgetRefusals: ["budget"]
        case .startTime, .logTraces, .logUnsigned, .checkpointAge, .reserveSize, .reserveUsed, .revocationFresh, .revocationAge,
            .residentMemory, .openDescriptors:
            []
        }
    }

    /// One line that says what it is.
    package var help: String {
        switch self {
        case .buildInfo: "1, with the version of the agent."
        case .startTime: "When the agent started, in seconds since 1970."
        case .trouble: "1 for each thing that keeps the agent from its work, else 0."
        case .monitoring: "1 for the state of the watch over the readers, 0 for the other states."
        case .readers: "Readers by the state of the card in them."
        case .sessions: "Sessions that are not over."
        case .logins: "Logins that ended since the start, by mode, outcome and error code."
        case .pinRefusals: "PINs and unblocking codes refused since the start, by error code."
        case .tokensIssued: "Access tokens given out since the start, by the mode of their session."
        case .traces: "Traces written since the start."
        case .logTraces: "Traces in the log."
        case .logUnsigned: "Traces that no checkpoint covers yet."
        case .checkpointAge: "Seconds since the newest checkpoint was signed; a log that does not grow needs no new one."
        case .anchorAge: "Seconds since the anchor took a checkpoint."
        case .anchorBehind: "Traces that the anchor has no checkpoint of."
        case .reserveState: "1 for the state of the reserve of the log, 0 for the other states."
        case .reserveSize: "Bytes of the reserve."
        case .reserveUsed: "Bytes of the reserve that are taken."
        case .revocationFresh: "1 while there is revocation data that is not too old, else 0."
        case .revocationAge: "Age of the oldest revocation data in use, in seconds."
        case .forwardBacklog: "Traces that still have to be handed to the target."
        case .forwardFailing: "1 while the target takes nothing, else 0."
        case .connections: "Open connections."
        case .connectionsRefused: "Connections turned away since the start because too many were open."
        case .budgetRefusals: "Requests turned away since the start because their user had used up a budget."
        case .residentMemory: "Resident memory of the agent, in bytes."
        case .openDescriptors: "Open file descriptors of the agent."
        }
    }
}
