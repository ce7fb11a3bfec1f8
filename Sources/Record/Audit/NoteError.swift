/// Why a signed note, a key or a checkpoint was not accepted.
package enum NoteError: Error, Hashable, Sendable {
    /// Not a signed note, or larger than one may be.
    case malformedNote
    /// Not a verifier key in text form, or not of a kind that is known.
    case malformedKey
    /// A key name is empty, or holds a blank, a control character or a plus sign.
    case badName
    /// Text to sign is empty, does not end in a newline, or holds another control character.
    case badText
    /// The signature of this known key is wrong.
    case badSignature(name: String)
    /// None of the known keys signed.
    case notSigned
    /// A signed text, but not a checkpoint.
    case malformedCheckpoint
}
