import APIContract
import AgentClient
import Primitives

/// Follows the agent and closes the seat of this user when ``SeatWatch`` says so.
struct SeatLock {
    let tool: Tool
    let uid: UInt32
    /// Of logind, where this program runs inside a session.
    let session: String?

    /// How often one connection after the other is begun at most.
    private static let first = Duration.seconds(1)
    private static let longest = Duration.seconds(30)
    /// Between two tries to close the seat.
    private static let again = Duration.seconds(2)

    /// - Parameter rounds: connections to the agent after which to stop.
    func follow(rounds: Int = .max) throws(Problem) {
        var watch = SeatWatch(uid: uid)
        var pauses = BackOff(first: Self.first, longest: Self.longest)
        var isTold = false
        for _ in 0..<rounds {
            do throws(Problem) {
                watch.configure(try tool.get("status"))
                var events = try tool.client.events()
                (pauses, isTold) = (BackOff(first: Self.first, longest: Self.longest), false)
                try hear(&events, &watch)
            } catch {
                // Once is enough: the agent may be away for long.
                if !isTold { tool.output.explain(error) }
                isTold = true
            }
            watch.lose(at: tool.time.sinceBoot())
            rest(pauses.next(), &watch)
        }
    }

    /// Until the agent ends the stream, or it breaks.
    private func hear(_ events: inout EventStream, _ watch: inout SeatWatch) throws(Problem) {
        while true {
            closeIfDue(&watch)
            switch try events.next(within: left(watch)) {
            case .event(let event):
                watch.hear(event, at: tool.time.sinceBoot())
                if event.kind == "state" { tool.output.tell(LockSentence.following) }
            case .quiet: break
            case .end: return
            }
        }
    }

    /// Waits before the agent is tried again, and does what comes due meanwhile.
    private func rest(_ pause: Duration, _ watch: inout SeatWatch) {
        let end = tool.time.sinceBoot() + pause
        closeIfDue(&watch)
        if let due = watch.due, due.at < end {
            tool.console.pause(max(due.at - tool.time.sinceBoot(), .zero))
            closeIfDue(&watch)
        }
        tool.console.pause(max(end - tool.time.sinceBoot(), .zero))
        closeIfDue(&watch)
    }

    private func left(_ watch: SeatWatch) -> Duration? { watch.due.map { max($0.at - tool.time.sinceBoot(), .zero) } }

    private func closeIfDue(_ watch: inout SeatWatch) {
        let now = tool.time.sinceBoot()
        guard watch.isDue(at: now), let reason = watch.due?.reason else { return }
        let isClosed = close(watch.policy, reason)
        watch.close(again: isClosed ? nil : now + Self.again)
    }

    /// - Returns: whether nothing is left to do.
    private func close(_ policy: SeatWatch.Policy, _ reason: String) -> Bool {
        let order: String
        switch policy {
        case .nothing: return true
        case .lock: order = "lock-session"
        case .logout: order = "terminate-session"
        }
        let sessions = session.map { [$0] } ?? sessionsAtTheSeat()
        guard !sessions.isEmpty else {
            tool.output.tell(LockSentence.noSession)
            return false
        }
        var areClosed = true
        for id in sessions {
            guard case .ended(0, _) = tool.workstation.run(["loginctl", order, id]) else {
                tool.output.tell(LockSentence.failed(id))
                areClosed = false
                continue
            }
            tool.output.tell(
                policy == .lock ? LockSentence.locked(id, SessionSentence.end(reason)) : LockSentence.ended(id, SessionSentence.end(reason))
            )
        }
        return areClosed
    }

    /// Sessions of this user that have a seat: columns of `loginctl list-sessions` are id, uid, user, seat, terminal; an empty one is left
    /// out.
    private func sessionsAtTheSeat() -> [String] {
        guard case .ended(0, let output) = tool.workstation.run(["loginctl", "list-sessions", "--no-legend", "--no-pager"]) else {
            return []
        }
        return String(decoding: output, as: UTF8.self).split(separator: "\n").compactMap { line in
            let words = line.split(separator: " ")
            guard words.count > 3, words[1] == "\(uid)", words[3].hasPrefix("seat") else { return nil }
            return String(words[0])
        }
    }
}

/// What `cps-session-lock` writes, for the journal.
enum LockSentence {
    static let following = Text("Suit l'agent.", "Following the agent.")
    static let noSession = Text(
        "Aucune session de cet utilisateur n'est devant un écran.", "No session of this user is at a screen.")
    static func failed(_ id: String) -> Text {
        Text("La session \(id) n'a pas pu être fermée ; nouvel essai.", "Session \(id) could not be closed; trying again.")
    }
    static func locked(_ id: String, _ reason: Text) -> Text {
        Text("Session \(id) verrouillée (\(reason.french))", "Session \(id) locked (\(reason.english))")
    }
    static func ended(_ id: String, _ reason: Text) -> Text {
        Text("Session \(id) terminée (\(reason.french))", "Session \(id) ended (\(reason.english))")
    }
}
