package import Primitives

/// A message of RFC 5424.
package struct SyslogMessage: Hashable, Sendable {
    /// RFC 5424 §6.2.1; the facility is always 10, security.
    package enum Severity: UInt8, Sendable {
        case error = 3
        case warning = 4
        case notice = 5
        case informational = 6
    }

    private static let facility: UInt8 = 10

    package let severity: Severity
    package let time: Timestamp
    package let host: String
    /// APP-NAME and MSGID.
    package let program: String
    package let kind: String
    /// UTF-8; it is sent with a byte order mark.
    package let text: String

    package init(severity: Severity, time: Timestamp, host: String, program: String = "cps-agent", kind: String, text: String) {
        self.severity = severity
        self.time = time
        self.host = host
        self.program = program
        self.kind = kind
        self.text = text
    }

    /// Header, no structured data, and the text (RFC 5424 §6).
    package var bytes: [UInt8] {
        let priority = Self.facility * 8 + severity.rawValue
        let fields = [Self.name(host, 255), Self.name(program, 48), "-", Self.name(kind, 32), "-"].joined(separator: " ")
        return Array("<\(priority)>1 \(time) \(fields) \u{FEFF}\(text)".utf8)
    }

    /// Printable ASCII of at most `longest` characters; `-` for nothing.
    private static func name(_ text: String, _ longest: Int) -> String {
        let plain = text.utf8.filter { $0 > 0x20 && $0 < 0x7F }.prefix(longest)
        return plain.isEmpty ? "-" : String(decoding: plain, as: UTF8.self)
    }
}
