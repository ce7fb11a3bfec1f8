package import Primitives

/// The declared emergency under which something happens, as traces tell it.
package struct EmergencyMark: Hashable, Sendable {
    package let id: String
    /// Code of why it was declared.
    package let reason: String

    package init(id: String, reason: String) {
        self.id = id
        self.reason = reason
    }
}

extension TraceDraft {
    /// What the event needs, with the emergency that it belongs to: `break_glass` is its id, `kind` the code of why it was declared.
    package var markedDetail: JSON? {
        guard let emergency else { return detail }
        return (detail ?? [:]).with("break_glass", .string(emergency.id)).with("kind", .string(emergency.reason))
    }
}
