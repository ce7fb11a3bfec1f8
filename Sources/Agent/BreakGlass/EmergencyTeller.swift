internal import Audit
package import Primitives
package import Sessions

/// Tells one channel of emergencies, in the order in which they came, each at least once and until it was taken; no decision waits for it.
///
/// What was taken is kept as a record beside the log, so that after a restart only the others are told again.
package actor EmergencyTeller {
    /// What people are told.
    package struct Notice: Hashable, Sendable {
        package enum Occasion: Hashable, Sendable {
            case declared
            /// Not reviewed in time; the number counts the periods that have passed since.
            case overdue(Int64)

            var name: String {
                switch self {
                case .declared: "declared"
                case .overdue: "overdue"
                }
            }
        }

        package let emergency: Emergency
        package let occasion: Occasion

        package init(_ emergency: Emergency, _ occasion: Occasion) {
            self.emergency = emergency
            self.occasion = occasion
        }
    }

    package nonisolated let channel: EmergencyChannel
    private let registry: SessionRegistry
    private let workstation: String
    private let time: any TimeSource
    private let report: @Sendable (String) -> Void
    private var waiting: [Notice] = []
    /// Why the newest attempt failed; `nil` when it did not.
    private(set) var failure: FetchFailure?
    private let calls: AsyncStream<Void>
    private let call: AsyncStream<Void>.Continuation

    /// Notices that wait at most; the oldest ones are the first to be told, so what is too much is the newest.
    private static let mostWaiting = 1024
    private static let pauses = BackOff(first: .seconds(2), longest: .seconds(300))

    package init(
        _ channel: EmergencyChannel, registry: SessionRegistry, workstation: String, time: any TimeSource,
        report: @escaping @Sendable (String) -> Void
    ) {
        self.channel = channel
        self.registry = registry
        self.workstation = workstation
        self.time = time
        self.report = report
        (calls, call) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
    }

    package func add(_ notice: Notice) {
        guard waiting.count < Self.mostWaiting else {
            return report("too many notices wait for \(channel.name): emergency \(notice.emergency.id) is not told there")
        }
        waiting.append(notice)
        call.yield()
    }

    /// Somebody has seen it: nobody has to be told any more.
    package func forget(_ id: String) { waiting.removeAll { $0.emergency.id == id } }

    var backlog: Int { waiting.count }

    /// Works until it is cancelled. A channel that fails is tried again after longer and longer pauses.
    ///
    /// - Parameter pause: waits; throws when cancelled.
    package func run(pause: @Sendable (Duration) async throws -> Void) async {
        call.yield()
        for await _ in calls {
            var pauses = Self.pauses
            while !(await tellNext()) {
                do { try await pause(pauses.next()) } catch { return }
            }
        }
    }

    /// Tells what waits.
    ///
    /// - Returns: whether nothing waits any more.
    package func tellNext() async -> Bool {
        while let notice = waiting.first {
            do throws(FetchFailure) {
                try await channel.tell(document(notice))
            } catch {
                await failed(error, notice)
                return false
            }
            failure = nil
            // It may have been reviewed meanwhile.
            waiting.removeAll { $0 == notice }
            if notice.occasion == .declared {
                await registry.record([], [.keep(Self.told(notice.emergency, channel.name, at: time.now()))])
            }
        }
        return true
    }

    private func document(_ notice: Notice) -> JSON {
        notice.emergency.json.with("occasion", .string(notice.occasion.name)).with("workstation", .string(workstation))
    }

    /// Told once until the channel works again, however often it is tried.
    private func failed(_ failure: FetchFailure, _ notice: Notice) async {
        let isNews = self.failure == nil
        self.failure = failure
        guard isNews else { return }
        report("emergency \(notice.emergency.id) is not told to \(channel.name) yet: \(failure.reason)")
        var draft = TraceDraft(.breakGlassNoticeFailed, .failed, at: time.now())
        draft.session = notice.emergency.session
        draft.detail = .members([
            "channel": .string(channel.name), "reason": .string(failure.reason), "person": .string(notice.emergency.person),
            "break_glass": notice.emergency.kind == .breakGlass ? .string(notice.emergency.id) : nil,
        ])
        await registry.record([draft])
    }

    /// That a channel has taken the notice of an emergency.
    static func told(_ emergency: Emergency, _ channel: String, at now: Timestamp) -> KeptRecord {
        KeptRecord(
            .notice, "\(emergency.id).\(channel)", key: emergency.id, isOpen: false,
            json: ["channel": .string(channel), "emergency": .string(emergency.id), "told_at": .string(now.description)])
    }
}
