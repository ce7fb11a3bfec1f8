package import Primitives

/// Something that happened, as listeners hear it.
package struct Event: Hashable, Sendable {
    package enum Kind: String, Hashable, Sendable {
        case state, reader, card, login, session
        case tokenRevoked = "token_revoked"
        case breakGlass = "break_glass"
        /// What becomes of a pairing, or of a device that asked to be let in.
        case mobile
        case monitoring, gap
    }

    package let kind: Kind
    package let data: JSON
    /// Whom it concerns; `nil` for everybody.
    package let uid: UInt32?
    /// Whom it concerns besides.
    package let overseers: Set<UInt32>

    package init(_ kind: Kind, _ data: JSON, uid: UInt32? = nil, overseers: Set<UInt32> = []) {
        self.kind = kind
        self.data = data
        self.uid = uid
        self.overseers = overseers
    }

    package func isVisible(to caller: UInt32) -> Bool { uid == nil || uid == caller || caller == 0 || overseers.contains(caller) }
}

extension Event {
    /// A token is dead before its time.
    ///
    /// - Parameter token: its id.
    static func tokenRevoked(_ token: String, of session: Session) -> Event {
        Event(.tokenRevoked, ["jti": .string(token), "session": .string(session.id)], uid: session.uid)
    }
}
