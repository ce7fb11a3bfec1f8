import AgentClient
import Primitives

/// Decides from the agent's events when the seat of a user is to be closed: a card session of theirs ended because the card, the reader or
/// the sight of them is gone, and no other began within the grace. Pure: moments are given, as times since the machine started.
struct SeatWatch {
    /// What `pam.on_removal` of `status` says.
    enum Policy: String {
        case lock, logout, nothing
    }

    private let uid: UInt32
    var policy = Policy.lock
    var grace = Duration.seconds(5)
    /// Card sessions of this user that go on.
    private var live: Set<String> = []
    /// When the seat is to be closed, and why; `nil` when it is not.
    private(set) var due: (at: Duration, reason: String)?

    /// Ends after which nobody may be at the seat any more. The others were somebody's wish, who is there.
    private static let removals: Set<String> = ["card_removed", "reader_lost", "monitoring_lost", "suspended", "agent_restarted"]

    init(uid: UInt32) { self.uid = uid }

    /// Follows what `status` says; the defaults hold where it says nothing.
    mutating func configure(_ status: JSON) {
        let pam = status["pam"] ?? .null
        policy = pam["on_removal"]?.string.flatMap(Policy.init(rawValue:)) ?? .lock
        grace = pam["grace"]?.int.map { .seconds(max($0, 0)) } ?? .seconds(5)
    }

    mutating func hear(_ event: AgentEvent, at now: Duration) {
        switch event.kind {
        case "state": begin(event.data["sessions"]?.array ?? [], at: now)
        case "session": take(event.data, at: now)
        default: break
        }
    }

    /// The agent is not heard any more: what it would say of a session that went on cannot be known.
    mutating func lose(at now: Duration) {
        if !live.isEmpty { arm("connection_lost", at: now) }
    }

    /// The seat was closed, or could not be and is to be again at `next`.
    mutating func close(again next: Duration? = nil) {
        due = next.flatMap { next in due.map { (next, $0.reason) } }
    }

    func isDue(at now: Duration) -> Bool { due.map { $0.at <= now } ?? false }

    /// All there is: a session that is not in it has ended unheard.
    private mutating func begin(_ sessions: [JSON], at now: Duration) {
        let before = live
        live = Set(sessions.filter { isOurs($0) && Self.goesOn($0) }.compactMap { $0["id"]?.string })
        if sessions.contains(where: { isOurs($0) && Self.isActive($0) }) {
            due = nil
        } else if !before.subtracting(live).isEmpty {
            arm("session_gone", at: now)
        }
    }

    private mutating func take(_ session: JSON, at now: Duration) {
        guard isOurs(session), let id = session["id"]?.string else { return }
        if Self.goesOn(session) {
            live.insert(id)
            if Self.isActive(session) {
                due = nil
            } else if session["reason"]?.string == "holder_changed" {
                arm("holder_changed", at: now)
            }
            return
        }
        let wasLive = live.remove(id) != nil
        guard wasLive, let reason = session["end_reason"]?.string, Self.removals.contains(reason) else { return }
        arm(reason, at: now)
    }

    private mutating func arm(_ reason: String, at now: Duration) {
        if due == nil { due = (now + grace, reason) }
    }

    private func isOurs(_ session: JSON) -> Bool {
        session["mode"]?.string == "card" && session["uid"]?.int == Int64(uid)
    }

    private static func goesOn(_ session: JSON) -> Bool { session["state"]?.string != "ended" }
    private static func isActive(_ session: JSON) -> Bool { ["active", "profile_required"].contains(session["state"]?.string) }
}
