package import Audit
package import Primitives

/// Hands the log to one target: in order, each trace at least once, from a place that is kept on the disk.
///
/// Nobody waits for it: it reads what is committed already. A target that fails is tried again after 1 s, 2 s, 4 s and so on, 5 minutes at
/// most. Its failure is traced once, and so is its recovery; since those traces are forwarded too, a target that comes and goes is told at
/// most every ``tellingPause``.
package actor Forwarder {
    private static let pauses = BackOff(first: .seconds(1), longest: .seconds(300))
    package static let tellingPause = Duration.seconds(600)

    private let target: any ForwardTarget
    private let source: any ForwardSource
    private let time: any TimeSource
    private let record: @Sendable (TraceDraft) async -> Void

    /// The next trace to hand over; `nil` before it was read from the disk.
    private var next: UInt64?
    private var backOff = Forwarder.pauses
    private var retryAt = Duration.zero
    private var failingSince: Timestamp?
    private var reason: String?
    /// The failure is in the log, and its end is not.
    private var isTold = false
    private var lastTold: Duration?

    package init(
        _ target: any ForwardTarget, source: any ForwardSource, time: any TimeSource,
        record: @escaping @Sendable (TraceDraft) async -> Void
    ) {
        self.target = target
        self.source = source
        self.time = time
        self.record = record
    }

    /// Hands over one batch where one is due.
    ///
    /// - Returns: whether more is due at once.
    package func work() async -> Bool {
        guard time.sinceBoot() >= retryAt else { return false }
        do throws(ForwardSourceFailure) {
            let start = try await start()
            let size = source.size
            guard start < size else { return false }
            let traces = try await source.traces(from: start, limit: target.batch)
            var handed = traces.count
            var failure: FetchFailure?
            do throws(HandingFailure) {
                try await target.hand(traces.map(\.leaf))
            } catch {
                handed = min(max(error.handed, 0), traces.count)
                failure = error.cause
            }
            let reached = handed > 0 ? traces[handed - 1].seq + 1 : traces.isEmpty ? size : start
            if reached > start {
                try await source.setPlace(of: target.name, to: reached)
                next = reached
            }
            if let failure {
                await failed(failure.reason)
                return false
            }
            await worked()
            return reached < source.size
        } catch {
            await failed(error.reason)
            return false
        }
    }

    /// The log may have been replaced by a shorter one: then it begins again.
    private func start() async throws(ForwardSourceFailure) -> UInt64 {
        if next == nil { next = try await source.place(of: target.name) }
        guard let place = next, place <= source.size else {
            next = 0
            return 0
        }
        return place
    }

    private func failed(_ text: String) async {
        let now = time.sinceBoot()
        retryAt = now + backOff.next()
        failingSince = failingSince ?? time.now()
        reason = text
        guard !isTold, lastTold.map({ now - $0 >= Self.tellingPause }) ?? true else { return }
        isTold = true
        lastTold = now
        await tell(.auditForwardFailed, .failed)
    }

    private func worked() async {
        backOff = Self.pauses
        guard failingSince != nil else { return }
        failingSince = nil
        reason = nil
        guard isTold else { return }
        isTold = false
        await tell(.auditForwardRestored, .info)
    }

    private func tell(_ event: TraceEvent, _ outcome: TraceOutcome) async {
        var draft = TraceDraft(event, outcome, at: time.now())
        draft.detail = .members([
            "target": .string(target.name), "kind": .string(target.kind), "next": next.map { .int(Int64(clamping: $0)) },
            "backlog": .int(backlog), "detail": reason.map(JSON.string),
        ])
        await record(draft)
    }

    private var backlog: Int64 { Int64(clamping: source.size - min(next ?? 0, source.size)) }

    /// How far it is, for `status`.
    package var status: JSON {
        [
            "name": .string(target.name), "kind": .string(target.kind),
            "state": failingSince != nil ? "failing" : next == nil ? "starting" : "ok",
            "next": .int(Int64(clamping: next ?? 0)), "backlog": .int(backlog),
            "failing_since": failingSince.map { .string($0.description) } ?? .null, "detail": reason.map(JSON.string) ?? .null,
        ]
    }
}
