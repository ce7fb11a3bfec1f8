internal import AuditForms
internal import Dispatch
internal import Glibc
package import Handover
internal import Primitives

/// Hands traces to the journal of this machine, by its native protocol: one datagram each.
package struct JournalTarget: ForwardTarget {
    package static let standardSocket = "/run/systemd/journal/socket"

    package let name: String
    package let kind = "journal"
    package let batch = 100
    private let path: String
    private static let queue = DispatchQueue(label: "journal")

    package init(name: String, path: String = standardSocket) {
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
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        let room = MemoryLayout.size(ofValue: address.sun_path)
        guard path.utf8.count < room else { return .failure(HandingFailure(.unreachable("\(path): too long for a socket"))) }
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
        let descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { return .failure(failure(path, handed: 0)) }
        defer { close(descriptor) }
        let connected = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size)) }
        }
        guard connected == 0 else { return .failure(failure(path, handed: 0)) }
        for (place, entry) in entries.enumerated() {
            guard let entry else { continue }
            // A journal that does not read must not hold this thread.
            guard Glibc.send(descriptor, entry, entry.count, Int32(MSG_DONTWAIT) | Int32(MSG_NOSIGNAL)) == entry.count
            else { return .failure(failure(path, handed: place)) }
        }
        return .success(())
    }

    private static func failure(_ path: String, handed: Int) -> HandingFailure {
        let error = FileError(path)
        return HandingFailure(handed: handed, error.number == EAGAIN ? .tooSlow : .unreachable("\(path): \(error.reason)"))
    }
}
