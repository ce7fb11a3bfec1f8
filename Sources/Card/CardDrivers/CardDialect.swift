internal import Primitives
internal import SmartCard

/// How one generation of cards wants to be spoken to. Paths begin with `3F00`, or with the name of the contact application.
protocol CardDialect {
    var exchange: APDUExchange { get }

    /// Most bytes of one READ BINARY.
    var longestRead: Int { get }

    /// Makes the card ready for commands after it came or was reset. What was opened before may be gone without harm.
    func open() throws(CardError)

    /// Makes a file current. Gives its size when `sized` and the card told; `nil` in place of a result when there is no such file.
    func select(_ path: [UInt8], sized: Bool) throws(CardError) -> SelectedFile?

    /// READ BINARY of the current file.
    func read(offset: Int, count: Int) throws(CardError) -> ResponseAPDU

    /// Tries left without spending one, from the application. `verified` means that the PIN is already verified by somebody.
    func pinStatus(_ pin: PINObject, application: [UInt8]) throws(CardError) -> PINStatus

    /// Tries and uses left of any code without spending one, from the application, which is current again afterwards.
    func codeStatus(_ code: PINObject, application: [UInt8]) throws(CardError) -> CodeStatus

    /// VERIFY (ISO/IEC 7816-4 §11.5.6) of a PIN or a PUK with the application current. Can cost a try.
    func verify(_ pin: PINObject, _ block: borrowing Secret) throws(CardError) -> StatusWord

    /// Class, instruction and parameters of that VERIFY.
    func verifyHeader(_ pin: PINObject) -> [UInt8]

    /// CHANGE REFERENCE DATA (ISO/IEC 7816-4 §11.5.7) with the application current: one command that can cost a try, whichever it is.
    func change(_ pin: PINObject, old: borrowing Secret, new: borrowing Secret) throws(CardError)

    /// RESET RETRY COUNTER (ISO/IEC 7816-4 §11.5.10) with the application current and the PUK verified. Costs no try.
    func unblock(_ pin: PINObject, new: borrowing Secret) throws(CardError)

    /// Signs a SHA-256 digest with the authentication key, PKCS#1 v1.5, with the application current and the PIN verified.
    func authenticate(_ key: KeyObject, digest: [UInt8]) throws(CardError) -> [UInt8]

    /// Signs a SHA-256 digest with the signature key (PSO COMPUTE DIGITAL SIGNATURE, ISO/IEC 7816-8 §11), PKCS#1 v1.5, with the
    /// application current and the PIN verified.
    func sign(_ key: KeyObject, digest: [UInt8]) throws(CardError) -> [UInt8]
}

/// What SELECT told of a file.
struct SelectedFile: Hashable, Sendable {
    let size: Int?

    /// From the FCP or FCI template (ISO/IEC 7816-4 §7.4.3): tag 80, else 81.
    init(template: [UInt8]) {
        let object = (try? TLV.parse(template))?.first { $0.tag == 0x62 || $0.tag == 0x6F }
        let field = object?.child(0x80) ?? object?.child(0x81)
        size = field.flatMap { $0.value.count <= 3 ? $0.value.reduce(0) { $0 << 8 | Int($1) } : nil }
    }
}

/// The state of a PIN as the card tells it.
package struct PINStatus: Hashable, Sendable {
    /// `nil` when the card does not say.
    package let triesLeft: Int?
    /// Verified since the last reset, by whichever program.
    package let verified: Bool

    package init(triesLeft: Int?, verified: Bool) {
        self.triesLeft = triesLeft
        self.verified = verified
    }
}

extension CardDialect {
    /// Sets the security environment, then has the hash signed that was computed here.
    func computeSignature(_ environment: CommandAPDU, _ signing: CommandAPDU) throws(CardError) -> [UInt8] {
        let prepared = try exchange.send(environment)
        guard prepared.status == .ok else { throw .unexpectedStatus(prepared.status, during: "choose signature key") }
        return try signature(in: try exchange.send(signing), during: "sign")
    }

    /// What the card signed, out of its answer to the command that a verified PIN has to come before.
    func signature(in response: ResponseAPDU, during step: String) throws(CardError) -> [UInt8] {
        if response.status == .securityStatusNotSatisfied { throw .pinStateLost }
        guard response.status == .ok else { throw .unexpectedStatus(response.status, during: step) }
        guard !response.data.isEmpty else { throw .cardDamaged("signature") }
        return response.data
    }

    /// Longest file that is read.
    private var longestFile: Int { 32_768 }

    /// The whole content of a file, or `nil` when it does not exist.
    func file(_ path: [UInt8], _ name: String) throws(CardError) -> [UInt8]? {
        guard let selected = try select(path, sized: true) else { return nil }
        return try content(size: selected.size, name)
    }

    /// A DER object that begins its file; the file may be larger.
    func object(_ path: [UInt8], _ name: String) throws(CardError) -> [UInt8] {
        guard try select(path, sized: false) != nil else { throw .cardDamaged(name) }
        var bytes = try block(offset: 0, count: longestRead, name)
        guard let length = derLength(bytes), length <= longestFile else { throw .cardDamaged(name) }
        while bytes.count < length {
            let piece = try block(offset: bytes.count, count: min(longestRead, length - bytes.count), name)
            guard !piece.isEmpty else { throw .cardDamaged(name) }
            bytes += piece
        }
        return Array(bytes.prefix(length))
    }

    /// The current file from its start.
    func content(size: Int?, _ name: String) throws(CardError) -> [UInt8] {
        let end = min(size ?? longestFile, longestFile)
        var bytes: [UInt8] = []
        while bytes.count < end {
            let wanted = min(longestRead, end - bytes.count)
            let piece = try block(offset: bytes.count, count: wanted, name)
            bytes += piece
            if piece.count < wanted { break }
        }
        return bytes
    }

    /// One READ BINARY; an offset at the end of the file gives nothing.
    private func block(offset: Int, count: Int, _ name: String) throws(CardError) -> [UInt8] {
        let response = try read(offset: offset, count: count)
        switch response.status {
        case .ok, .endOfFileReached: return response.data
        case StatusWord(rawValue: 0x6B00) where offset > 0: return []
        default: throw .unexpectedStatus(response.status, during: "read \(name)")
        }
    }

    /// Length of the DER object that these bytes begin, header included.
    private func derLength(_ bytes: [UInt8]) -> Int? {
        guard bytes.count >= 4, bytes[0] == 0x30 else { return nil }
        switch bytes[1] {
        case ..<0x80: return 2 + Int(bytes[1])
        case 0x81: return 3 + Int(bytes[2])
        case 0x82: return 4 + Int(bytes[2]) << 8 + Int(bytes[3])
        default: return nil
        }
    }
}

/// DigestInfo of a SHA-256 digest (RFC 8017 §9.2, note 1).
func digestInfoSHA256(_ digest: [UInt8]) -> [UInt8] {
    [0x30, 0x31, 0x30, 0x0D, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01, 0x05, 0x00, 0x04, 0x20] + digest
}

/// The header of a command and a secret block after it, in memory that is wiped.
func secretCommand(_ header: [UInt8], _ block: borrowing Secret) -> Secret {
    block.withBytes { bytes in
        Secret(count: header.count + 1 + bytes.count) { buffer in
            buffer.copyBytes(from: header + [UInt8(truncatingIfNeeded: bytes.count)])
            UnsafeMutableRawBufferPointer(rebasing: buffer[(header.count + 1)...]).copyBytes(from: bytes)
        }
    }
}
