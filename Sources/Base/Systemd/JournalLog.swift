internal import Logging
internal import Primitives

/// A program's own log as entries of the systemd journal.
package final class JournalLog: Sendable {
    private let socket: UnixDatagram
    private let identifier: String

    /// Bytes of one value, and fields of one entry: an entry fits a datagram whatever is in it.
    private static let longestValue = 8192
    private static let mostFields = 16

    /// `nil` where the socket cannot be used.
    ///
    /// - Parameters:
    ///   - identifier: what the journal calls the program.
    ///   - path: of the journal's socket.
    package init?(_ identifier: String, path: String = JournalMessage.standardSocket) {
        do throws(FileError) { socket = try UnixDatagram(to: path) } catch { return nil }
        self.identifier = identifier
    }

    /// Whether a descriptor is the stream to the journal that the service manager has told of (`JOURNAL_STREAM`, systemd.exec(5)): what a
    /// program writes to a standard error that was led elsewhere since must not go to the journal.
    package static func isStream(_ descriptor: Int32, told stream: String?) -> Bool {
        guard let stream, let identity = FileIdentity(descriptor: descriptor) else { return false }
        return stream == identity.journalStream
    }

    /// Sends an entry without waiting, and says whether the journal took it.
    func takes(_ event: LogEvent) -> Bool {
        do throws(FileError) {
            try socket.send(entry(event).bytes)
            return true
        } catch {
            // The line then goes to standard error, which says more than a line about a lost one.
            return false
        }
    }

    private func entry(_ event: LogEvent) -> JournalMessage {
        var fields = (event.metadata ?? [:]).sorted { $0.key < $1.key }.prefix(Self.mostFields).map { ($0.key, "\($0.value)") }
        if let error = event.error { fields.append(("error", "\(error)")) }
        var entry = JournalMessage()
        entry.add("MESSAGE", (["\(event.message)"] + fields.map { "\($0)=\($1)" }).joined(separator: " ").cut(toBytes: Self.longestValue))
        entry.add("PRIORITY", "\(event.level.priority)")
        entry.add("SYSLOG_IDENTIFIER", identifier)
        entry.add("CODE_FILE", event.file)
        entry.add("CODE_LINE", "\(event.line)")
        for (key, value) in fields { entry.add(Self.name(key), value.cut(toBytes: Self.longestValue)) }
        return entry
    }

    /// `login.card_time` is `CPS_LOGIN_CARD_TIME`; a name has 64 letters at most.
    private static func name(_ key: String) -> String {
        let letters = key.utf8.prefix(60).map { byte -> UInt8 in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"): byte - 32
            case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "0")...UInt8(ascii: "9"): byte
            default: UInt8(ascii: "_")
            }
        }
        return "CPS_" + String(decoding: letters, as: UTF8.self)
    }
}

extension Logger.Level {
    /// As syslog(3) has it.
    fileprivate var priority: Int {
        switch self {
        case .trace, .debug: 7
        case .info: 6
        case .notice: 5
        case .warning: 4
        case .error: 3
        case .critical: 2
        }
    }
}
