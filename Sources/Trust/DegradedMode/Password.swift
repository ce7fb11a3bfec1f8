package import Primitives

/// A password as somebody typed it, brought to one form: shared, so that it is never copied, and wiped when the last who needs it lets go.
///
/// The form is the canonical decomposition (Unicode, NFD) with every blank as U+0020, so that one password fits however a keyboard makes
/// `é` or a blank. See `Docs/Decisions/0027-passwords.md`.
package final class Password: Sendable {
    /// In bytes, as typed.
    package static let shortest = 4
    /// In bytes, as typed.
    package static let longest = 1024

    /// UTF-8 of the form: what is hashed.
    let text: Secret
    /// Its code points: what the rules look at.
    let scalars: SecretScalars

    /// - Throws: one of the faults that no password may have.
    package init(_ typed: borrowing Secret) throws(PasswordFault) {
        guard typed.count > 0 else { throw .empty }
        guard typed.count <= Self.longest else { throw .tooLong }
        guard typed.count >= Self.shortest else { throw .tooShort }
        scalars = try typed.withBytes { bytes throws(PasswordFault) in try CanonicalForm.scalars(bytes) }
        text = scalars.utf8
    }
}
