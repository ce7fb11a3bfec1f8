package import Audit
package import Primitives

/// Writes refusals so that nobody can fill the log with them: the first at once, and identical ones of the next minute as one trace
/// with their count. A refusal that differs is written at once.
///
/// A user who varies what is refused gets ``mostVaried`` traces a minute; what goes beyond counts by event and code alone.
package actor RefusalLog {
    private struct Window {
        var count = 0
        /// When the first and the last of those that are counted came.
        var since: Timestamp?
        var until: Timestamp?
        let end: Duration
        let isVaried: Bool
    }

    private let ledger: any Ledger
    private let time: any TimeSource
    private let report: @Sendable (String) -> Void
    /// By what identical refusals share.
    private var windows: [TraceDraft: Window] = [:]
    /// Windows of each user that stand for one place, session or detail.
    private var varied: [Int64: Int] = [:]

    package static let window = Duration.seconds(60)
    package static let mostVaried = 16

    package init(ledger: any Ledger, time: any TimeSource, report: @escaping @Sendable (String) -> Void) {
        self.ledger = ledger
        self.time = time
        self.report = report
    }

    /// Returns when the refusal is in the log, or counted for it.
    package func write(_ draft: TraceDraft) async throws(Refusal) {
        var key = draft.identity
        let user = key.user
        if windows[key] == nil, varied[user, default: 0] >= Self.mostVaried { key = key.family }
        if var open = windows[key] {
            open.count += 1
            open.since = open.since ?? draft.time
            open.until = draft.time
            windows[key] = open
            return
        }
        let isVaried = key != key.family
        windows[key] = Window(end: time.sinceBoot() + Self.window, isVaried: isVaried)
        if isVaried { varied[user, default: 0] += 1 }
        do throws(LedgerFailure) {
            _ = try await ledger.commit([draft], [])
        } catch {
            report("refusal could not be traced: \(error.reason)")
            // Those that were counted meanwhile are still owed.
            if windows[key]?.count == 0 { close(key) }
            throw Refusal(.traceUnavailable)
        }
    }

    /// Writes the counts of the windows that are over.
    ///
    /// - Parameter all: of every window; for a stop.
    package func flush(all: Bool = false) async {
        let now = time.sinceBoot()
        var owed: [(key: TraceDraft, window: Window)] = []
        for (key, window) in windows where all || window.end <= now {
            close(key)
            if window.count > 0 { owed.append((key, window)) }
        }
        guard !owed.isEmpty else { return }
        let wall = time.now()
        do throws(LedgerFailure) {
            _ = try await ledger.commit(owed.map { $0.key.counted($0.window.count, $0.window.since, $0.window.until, at: wall) }, [])
        } catch {
            report("counts of refusals could not be traced: \(error.reason)")
            for (key, window) in owed { putBack(key, window) }
        }
    }

    private func close(_ key: TraceDraft) {
        guard let window = windows.removeValue(forKey: key), window.isVaried else { return }
        let left = varied[key.user, default: 1] - 1
        varied[key.user] = left > 0 ? left : nil
    }

    private func putBack(_ key: TraceDraft, _ window: Window) {
        guard let newer = windows[key] else {
            windows[key] = window
            if window.isVaried { varied[key.user, default: 0] += 1 }
            return
        }
        windows[key]?.count += window.count
        windows[key]?.since = window.since
        windows[key]?.until = newer.until ?? window.until
    }
}

extension TraceDraft {
    /// What identical refusals share: all but when, by which process, and how long to wait.
    fileprivate var identity: TraceDraft {
        var draft = self
        draft.time = Timestamp(milliseconds: 0)
        draft.client = client?.without("pid")
        draft.detail = detail?.without("retry_after")
        return draft
    }

    /// Who is refused what, wherever and however it was asked for. Addresses of other machines are many: they do not count.
    fileprivate var family: TraceDraft {
        var draft = TraceDraft(event, outcome, at: time)
        draft.client = client?.without("address").without("device")
        draft.code = code
        return draft
    }

    fileprivate var user: Int64 { client?["uid"]?.int ?? -1 }

    fileprivate func counted(_ count: Int, _ since: Timestamp?, _ until: Timestamp?, at now: Timestamp) -> TraceDraft {
        var draft = self
        draft.time = now
        draft.count = count
        var members: [String: JSON] = [:]
        if case .object(let own)? = detail { members = own }
        members["since"] = since.map { .string($0.description) }
        members["until"] = until.map { .string($0.description) }
        draft.detail = .object(members)
        return draft
    }
}

extension JSON {
    fileprivate func without(_ name: String) -> JSON {
        guard case .object(var members) = self else { return self }
        members[name] = nil
        return .object(members)
    }
}
