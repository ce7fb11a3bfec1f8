internal import Audit
package import Primitives
package import Sessions

/// Everybody outside this machine who vouches for the log.
package struct Witnesses: Sendable {
    package let anchors: [Anchor]
    package let stamps: CheckpointStamps?

    package init(anchors: [Anchor] = [], stamps: CheckpointStamps? = nil) {
        self.anchors = anchors
        self.stamps = stamps
    }

    /// There may be a new checkpoint.
    package func wake() {
        for anchor in anchors { anchor.wake() }
        stamps?.wake()
    }

    /// Works until it is cancelled: each witness by itself, so that none waits for another.
    ///
    /// - Parameter pause: waits; throws when cancelled.
    package func run(pause: @escaping @Sendable (Duration) async throws -> Void) async {
        await withTaskGroup(of: Void.self) { group in
            for anchor in anchors { group.addTask { await anchor.run(pause: pause) } }
            if let stamps { group.addTask { await stamps.run(pause: pause) } }
        }
    }

    /// One attempt of each anchor, for a stop; what cannot be done in that time the next start does.
    package func catchUp(within limit: Duration) async {
        let anchors = anchors
        _ = await abandoning(after: limit) {
            await withTaskGroup(of: Void.self) { group in
                for anchor in anchors { group.addTask { _ = await anchor.catchUp() } }
            }
        }
    }

    /// Who has what, for `status`.
    ///
    /// - Parameters:
    ///   - size: how many traces there are.
    ///   - time: when a trace was written, as its JSON says it.
    package func view(
        size: UInt64, time: (UInt64) async throws(LedgerFailure) -> JSON
    ) async throws(LedgerFailure) -> (last: JSON, unanchoredSince: JSON, anchors: JSON, timestamp: JSON) {
        var views: [JSON] = []
        var best: (record: AnchorRecord, name: String)?
        for anchor in anchors {
            let record = try await anchor.record()
            if record.at != nil, record.size >= best?.record.size ?? 0 { best = (record, anchor.target.name) }
            views.append([
                "name": .string(anchor.target.name), "kind": .string(anchor.target.kind), "size": .int(Int64(clamping: record.size)),
                "anchored_at": record.at.map { .string($0.description) } ?? .null,
                "unanchored_since": record.size < size ? try await time(record.size) : .null,
                "failure": record.failure.map(JSON.string) ?? .null,
            ])
        }
        let anchored = best?.record.size ?? 0
        let last: JSON? = best.map { best in
            [
                "name": .string(best.name), "size": .int(Int64(clamping: best.record.size)),
                "anchored_at": best.record.at.map { .string($0.description) } ?? .null,
            ]
        }
        return (
            last ?? .null, anchored < size ? try await time(anchored) : .null, .array(views), try await stamps?.view() ?? .null
        )
    }
}
