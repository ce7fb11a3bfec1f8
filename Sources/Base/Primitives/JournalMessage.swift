/// An entry of the systemd journal, as the datagram of its native protocol.
package struct JournalMessage: Hashable, Sendable {
    /// Where the journal takes entries.
    package static let standardSocket = "/run/systemd/journal/socket"

    /// The datagram as far as it was added to.
    package private(set) var bytes: [UInt8] = []

    package init() {}

    /// Adds a field with its value behind its length, so that the value may have any bytes.
    ///
    /// - Parameter name: capital letters, digits and underscores, a letter first.
    package mutating func add(_ name: String, _ value: [UInt8]) {
        bytes += name.utf8
        bytes.append(0x0A)
        withUnsafeBytes(of: UInt64(value.count).littleEndian) { bytes += $0 }
        bytes += value
        bytes.append(0x0A)
    }

    package mutating func add(_ name: String, _ value: String) { add(name, Array(value.utf8)) }
}
