internal import APIContract
internal import Primitives

/// What the agent refused, or why it could not be asked. Decide by ``code`` and ``retry``, show ``title`` and ``remedy``.
public struct AgentError: Error, Hashable, Sendable {
    /// Whether the same request can succeed.
    public enum Retry: String, Hashable, Sendable {
        case never, now, later
    }

    /// Stable: `pin_wrong`, `card_absent`, `agent_unreachable`... `Docs/Errors.md` lists them; more may come.
    public let code: String
    /// Status of the answer; 503 when the agent could not be reached.
    public let status: Int
    /// What happened, in the language asked for.
    public let title: String
    /// What is particular to this occurrence, in English.
    public let detail: String?
    /// What to do, in the language asked for.
    public let remedy: String
    public let retry: Retry
    /// How long to wait before the same is asked again.
    public let retryAfter: Duration?
    /// Tries of the PIN that are left, where the card tells.
    public let triesLeft: Int?
    /// To be given back when the person agrees to spend the last try.
    public let lastTryConsent: String?
    /// The scope that is not granted, and the first of the rules that decided.
    public let scope: String?
    public let rule: String?

    init(_ problem: Problem) {
        let json = problem.json
        code = problem.code
        status = problem.status
        title = json["title"]?.string ?? problem.code
        detail = json["detail"]?.string
        remedy = json["remedy"]?.string ?? ""
        retry = json["retry"]?.string.flatMap(Retry.init(rawValue:)) ?? .never
        retryAfter = json["retry_after"]?.int.map { .seconds($0) }
        triesLeft = json["tries_left"]?.int.flatMap { Int(exactly: $0) }
        lastTryConsent = json["last_try_consent"]?.string
        scope = json["scope"]?.string
        rule = json["rule"]?.string
    }
}
