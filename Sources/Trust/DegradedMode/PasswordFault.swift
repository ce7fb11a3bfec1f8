/// Why a password is not taken, as `reason` of the refusal says it. It never holds a part of the password.
package enum PasswordFault: String, Error, Hashable, Sendable, CaseIterable {
    // Whatever it is for: such bytes are no password at all.
    case empty
    /// Fewer than ``Password/shortest`` bytes.
    case tooShort = "too_short"
    /// More than ``Password/longest`` bytes.
    case tooLong = "too_long"
    /// Not UTF-8.
    case notText = "not_text"
    /// Control characters, or code points that stand for no character.
    case controlCharacters = "control_characters"

    // As a new one.
    /// Digits only, however they are separated: the form of a PIN.
    case pinLike = "pin_like"
    /// None of the classes of ``PasswordPolicy``.
    case tooSimple = "too_simple"
    /// Fewer characters than who administers others needs.
    case tooShortForAdministration = "too_short_for_administration"
    /// Built from a name or an identifier of the person.
    case identity
    /// A word of a dictionary, or made of one by known tricks.
    case dictionary
    /// The same character or the same pattern again and again, or read backwards the same.
    case repetitive
    /// A run of neighbours, such as `abcde` or `54321`.
    case sequence
    /// One of the last of this account.
    case usedBefore = "used_before"
}
