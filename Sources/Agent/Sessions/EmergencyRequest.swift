package import Primitives

/// An emergency as somebody declares it. Its texts are one line each, and bounded.
package struct EmergencyRequest: Hashable, Sendable {
    package let reason: String
    package let note: String?
    /// Reference of the patient, or `unknown`.
    package let patient: String
    /// How long it shall last.
    package let minutes: Int64?

    /// In bytes.
    package static let longestNote = 2000
    package static let longestPatient = 256
    private static let longestReason = 64

    package init(reason: String, note: String?, patient: String, minutes: Int64?) throws(Refusal) {
        self.reason = try Self.text(reason, "reason", atMost: Self.longestReason)
        self.note = try note.map { note throws(Refusal) in try Self.text(note, "note", atMost: Self.longestNote) }
        self.patient = try Self.text(patient, "patient", atMost: Self.longestPatient)
        self.minutes = minutes
    }

    /// A text from outside that goes into traces and messages to people: one line, so that it cannot pass for another one.
    package static func text(_ text: String, _ name: String, atMost limit: Int) throws(Refusal) -> String {
        guard (1...limit).contains(text.utf8.count), text.isOneLine else {
            throw Refusal(.invalidRequest, ["detail": .string("\(name) is not one line of 1 to \(limit) bytes")])
        }
        return text
    }
}
