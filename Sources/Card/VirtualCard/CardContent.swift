import OpenSSL
import Primitives
import SmartCard

/// What a card keeps when it has no power: files, keys, codes and their counters.
struct CardContent: Sendable {
    private(set) var description: CardDescription
    var files: FileTree
    let layout: CardLayout
    /// What SELECT tells in place of the size of a file.
    var claimedSize: Int?
    let random: any RandomSource
    /// Every signature comes out wrong by one bit.
    var corruptsSignatures = false
    private let keys: [KeyRole: PrivateKey]
    private let save: @Sendable (CardDescription) throws(CardFolderError) -> Void

    init(
        _ description: CardDescription, _ keys: [CardKey], random: any RandomSource,
        save: @escaping @Sendable (CardDescription) throws(CardFolderError) -> Void
    ) throws(OpenSSLError) {
        self.description = description
        self.random = random
        self.save = save
        layout = description.layout
        files = CardImage(description: description, keys: keys).tree
        var loaded: [KeyRole: PrivateKey] = [:]
        for key in keys { loaded[key.role] = try PrivateKey(pem: key.privateKey) }
        self.keys = loaded
    }

    func code(_ kind: CodeKind) -> SecretCode {
        switch kind {
        case .pin: description.pin
        case .puk: description.puk
        }
    }

    /// Changes a code and stores it; false when it could not be stored, which a card answers with a memory failure.
    mutating func update<Result>(_ kind: CodeKind, _ change: (inout SecretCode) -> Result) -> Result? {
        var changed = description
        let result: Result
        switch kind {
        case .pin: result = change(&changed.pin)
        case .puk: result = change(&changed.puk)
        }
        return store(changed) ? result : nil
    }

    /// Writes the one data object that may be written; false when it could not be stored.
    mutating func writeFreeData(_ content: [UInt8], at location: Location) -> Bool {
        var changed = description
        changed.freeData = content
        guard store(changed) else { return false }
        files.replace(content, at: location)
        return true
    }

    /// The file control template of a file, as this card gives it; `whole` writes the one of its generation.
    func control(of file: CardFile, whole: (CardFile) -> [UInt8]) -> [UInt8] {
        var shown = file
        if let claimedSize { shown.content = [UInt8](repeating: 0, count: claimedSize) }
        let template = whole(shown)
        guard let tag = template.first else { return [] }
        let size = bytes(UInt16(truncatingIfNeeded: shown.content.count))
        return switch layout.fileControl {
        case .whole: template
        case .size: TLV(UInt32(tag), TLV(0x80, size).bytes).bytes
        case .allocatedSize: TLV(UInt32(tag), TLV(0x83, bytes(file.identifier)).bytes + TLV(0x81, size).bytes).bytes
        case .nothing: []
        }
    }

    /// RSA with a key of this card: `raw` without padding, else PKCS#1 v1.5 around the input; `nil` when the input cannot be taken.
    func sign(_ input: [UInt8], with role: KeyRole, raw: Bool) -> [UInt8]? {
        guard let key = keys[role], let signature = try? key.sign(input, raw: raw) else { return nil }
        return spoiled(signature)
    }

    /// RSASSA-PSS over a digest; `nil` when its length is wrong.
    func signPSS(_ digest: [UInt8], with role: KeyRole, hash: ResumedHash) -> [UInt8]? {
        guard let key = keys[role], let signature = try? key.signPSS(digest: digest, hash: hash) else { return nil }
        return spoiled(signature)
    }

    func decrypt(_ cryptogram: [UInt8], with role: KeyRole) -> [UInt8]? {
        keys[role].flatMap { try? $0.decrypt(cryptogram) }
    }

    private func spoiled(_ signature: [UInt8]) -> [UInt8] {
        guard corruptsSignatures, let last = signature.last else { return signature }
        return signature.dropLast() + [last ^ 0x01]
    }

    private mutating func store(_ changed: CardDescription) -> Bool {
        do {
            try save(changed)
            description = changed
            return true
        } catch {
            return false
        }
    }
}
