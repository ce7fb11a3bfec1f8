internal import Crypto
internal import Foundation
internal import Glibc
internal import Primitives

/// What the files of keys are sealed with: a key that the machine keeps, as in its TPM, and gives to the service when it starts
/// (systemd.exec(5), `LoadCredentialEncrypted=`). The files alone, as on a disk that was taken away, are then worth nothing.
package struct KeySeal: Sendable {
    private let key: SymmetricKey

    /// Bytes of the key of AES-256.
    package static let length = 32
    /// Name of the credential.
    package static let credential = "cps-agent.keys"
    /// Where systemd finds it sealed.
    static let sealedCredential = "/etc/credstore.encrypted/\(credential)"

    /// Begins a sealed file; what follows is in base64url (RFC 4648 §5).
    static let form = Array("cps-agent-sealed-1 ".utf8)

    /// `nil` for another number of bytes than ``length``.
    package init?(_ bytes: [UInt8]) {
        guard bytes.count == Self.length else { return nil }
        key = SymmetricKey(data: bytes)
    }

    /// The one that the service was given; `nil` where it was given none.
    ///
    /// - Parameter folder: of the credentials of this service; `nil` where it was given none.
    package static func given(in folder: String?) throws(KeyFileError) -> KeySeal? {
        guard let folder else { return nil }
        let path = "\(folder)/\(credential)"
        guard PlainFile.exists(path) else { return nil }
        var bytes: [UInt8]
        let isPrivate: Bool
        do throws(FileError) {
            let file = try PlainFile.reading(path, followsLinks: false)
            isPrivate = try file.isPrivate(orFrom: folder)
            bytes = try file.contents(limit: length)
        } catch {
            throw error.number == EFBIG ? .badSeal(path: path) : .file(error)
        }
        defer { wipe(&bytes) }
        guard isPrivate, let seal = KeySeal(bytes) else { throw .badSeal(path: path) }
        return seal
    }

    /// AES-256-GCM (NIST SP 800-38D) with a random nonce; nonce, text and tag in this order. `nil` where the library refuses.
    func close(_ content: [UInt8]) -> [UInt8]? {
        guard let box = try? AES.GCM.seal(content, using: key, authenticating: Self.form).combined else { return nil }
        return Self.form + Array("\(Base64URL.encode(Array(box)))\n".utf8)
    }

    /// `nil` for what this seal did not close.
    func open(_ file: [UInt8]) -> [UInt8]? {
        guard file.last == UInt8(ascii: "\n"),
            let box = Base64URL.decode(String(decoding: file.dropFirst(Self.form.count).dropLast(), as: UTF8.self)),
            let sealed = try? AES.GCM.SealedBox(combined: box),
            let content = try? AES.GCM.open(sealed, using: key, authenticating: Self.form)
        else { return nil }
        return Array(content)
    }
}
