internal import AuditForms
internal import Dispatch
internal import Glibc
package import Handover
internal import Primitives

/// Hands traces to the journal of this machine, by its native protocol: one datagram each.
package struct JournalTarget: ForwardTarget {
    package let name: String
    package let kind = "journal"
    package let batch = 100
    private let path: String
    private static let queue = DispatchQueue(label: "journal")

    package init(name: String, path: String = JournalMessage.standardSocket) {
        self.name = name
        self.path = path
    }

    package func hand(_ leaves: [[UInt8]]) async throws(HandingFailure) {
        let entries = leaves.map { leaf in TraceRecord(leaf: leaf).map { JournalEntry.bytes($0, leaf: leaf) } }
        let path = path
        try await Self.queue.perform { Self.send(entries, to: path) }.get()
    }

    /// An entry that is `nil` is none that anybody could read, and is passed over.
    private static func send(_ entries: [[UInt8]?], to path: String) -> Result<Void, HandingFailure> {
        var handed = 0
        do throws(FileError) {
            let socket = try UnixDatagram(to: path)
            for entry in entries {
                // A journal that does not read must not hold this thread.
                if let entry { try socket.send(entry) }
                handed += 1
            }
        } catch {
            return .failure(HandingFailure(handed: handed, error.number == EAGAIN ? .tooSlow : .unreachable("\(path): \(error.reason)")))
        }
        return .success(())
    }
}
