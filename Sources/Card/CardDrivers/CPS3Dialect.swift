internal import Primitives
internal import SmartCard

/// CPS3 (IAS-ECC chip): SELECT by full path, FCP on demand, INTERNAL AUTHENTICATE.
struct CPS3Dialect: CardDialect {
    let exchange: APDUExchange
    let longestRead = 0xE7

    init(_ channel: any CardChannel) { exchange = APDUExchange(channel, longestPiece: 0xE7) }

    func open() throws(CardError) {}

    func select(_ path: [UInt8], sized: Bool) throws(CardError) -> SelectedFile? {
        guard let (name, file) = CPSApplication.split(path) else { return try select(by: 0x09, path, sized: sized) }
        let application = try select(by: 0x04, name, sized: false)
        guard application != nil, !file.isEmpty else { return application }
        // By identifier: the card takes a short path from the MF only.
        return try select(by: 0x02, file, sized: sized)
    }

    private func select(by p1: UInt8, _ data: [UInt8], sized: Bool) throws(CardError) -> SelectedFile? {
        // The card refuses P2 = 00; only 04 (FCP) and 0C (nothing) are accepted.
        let response = try recovering(CommandAPDU(0x00, 0xA4, p1, sized ? 0x04 : 0x0C, data, le: sized ? 256 : nil))
        switch response.status {
        case .ok: return SelectedFile(template: response.data)
        case .fileNotFound: return nil
        default: throw .unexpectedStatus(response.status, during: "select file")
        }
    }

    func read(offset: Int, count: Int) throws(CardError) -> ResponseAPDU {
        try exchange.send(CommandAPDU(0x00, 0xB0, UInt8(offset >> 8 & 0x7F), UInt8(offset & 0xFF), le: count))
    }

    func pinStatus(_ pin: PINObject, application: [UInt8]) throws(CardError) -> PINStatus {
        let response = try exchange.send(CommandAPDU(0x00, 0x20, 0x00, pin.reference))
        if let tries = response.status.triesLeft { return PINStatus(triesLeft: tries, verified: false) }
        if response.status == .authenticationMethodBlocked { return PINStatus(triesLeft: 0, verified: false) }
        let told = try counter(pin, application: application)
        return PINStatus(triesLeft: told.usesLeft == 0 ? 0 : told.triesLeft, verified: response.status == .ok)
    }

    func codeStatus(_ code: PINObject, application: [UInt8]) throws(CardError) -> CodeStatus {
        let told = try counter(code, application: application)
        guard told.triesLeft == nil else { return CodeStatus(counter: told, verified: false) }
        let status = try pinStatus(code, application: application)
        return CodeStatus(counter: CodeCounter(triesLeft: status.triesLeft, usesLeft: told.usesLeft), verified: status.verified)
    }

    func verify(_ pin: PINObject, _ block: borrowing Secret) throws(CardError) -> StatusWord {
        try exchange.send(secretCommand(verifyHeader(pin), block))
    }

    func verifyHeader(_ pin: PINObject) -> [UInt8] { [0x00, 0x20, 0x00, pin.reference] }

    func change(_ pin: PINObject, old: borrowing Secret, new: borrowing Secret) throws(CardError) {
        let status = try exchange.send(secretCommand([0x00, 0x24, 0x00, pin.reference], old, new))
        switch status {
        case .ok: return
        case .incorrectData, .wrongLength: throw .newPINRefused(status)
        default: throw .refusal(ofPIN: status, during: "change PIN")
        }
    }

    func unblock(_ pin: PINObject, new: borrowing Secret) throws(CardError) {
        let status = try exchange.send(secretCommand([0x00, 0x2C, 0x02, pin.reference], new))
        guard status == .ok else { throw .refusal(ofNewPIN: status, during: "unblock PIN") }
    }

    func authenticate(_ key: KeyObject, digest: [UInt8]) throws(CardError) -> [UInt8] {
        // MSE SET AT: algorithm 02 (PKCS#1), the key by its reference with bit 8 set.
        let environment = CommandAPDU(0x00, 0x22, 0x41, 0xA4, [0x80, 0x01, 0x02, 0x84, 0x01, key.reference | 0x80])
        let prepared = try exchange.send(environment)
        guard prepared.status == .ok else { throw .unexpectedStatus(prepared.status, during: "choose key") }
        let response = try exchange.send(CommandAPDU(0x00, 0x88, 0x00, 0x00, digestInfoSHA256(digest), le: 256))
        return try signature(in: response, during: "sign challenge")
    }

    func sign(_ key: KeyObject, digest: [UInt8]) throws(CardError) -> [UInt8] {
        // MSE SET DST: algorithm 42 (SHA-256 with PKCS#1), the key as above; then the bare hash.
        try computeSignature(
            CommandAPDU(0x00, 0x22, 0x41, 0xB6, [0x80, 0x01, 0x42, 0x84, 0x01, key.reference | 0x80]),
            CommandAPDU(0x00, 0x2A, 0x9E, 0x9A, digest, le: 256))
    }

    /// GET DATA on the PIN object, which answers from the MF only: 9B is tries left, 9D uses left.
    private func counter(_ code: PINObject, application: [UInt8]) throws(CardError) -> CodeCounter {
        guard try select([0x3F, 0x00], sized: false) != nil else { throw .cardDamaged("MF") }
        let header: [UInt8] = [0x4D, 0x08, 0x70, 0x06, 0xBF, 0x81, code.reference, 0x02, 0xA0, 0x80]
        let response = try exchange.send(CommandAPDU(0x00, 0xCB, 0x3F, 0xFF, header, le: 256))
        guard try select(application, sized: false) != nil else { throw .cardDamaged("application") }
        guard response.status == .ok, let objects = try? TLV.parse(response.data) else {
            return CodeCounter(triesLeft: nil, usesLeft: nil)
        }
        let parameters = objects.first { $0.tag == 0x70 }?.child(0xBF8100 | UInt32(code.reference))?.child(0xA0)
        let tries = parameters?.child(0x9B).flatMap { $0.value.count == 1 ? Int($0.value[0]) : nil }
        let uses = parameters?.child(0x9D).flatMap { (1...2).contains($0.value.count) ? $0.value.reduce(0) { $0 << 8 | Int($1) } : nil }
        return CodeCounter(triesLeft: tries, usesLeft: uses)
    }

    /// Other software may have left the legacy application selected: the root is selected again and the command repeated once.
    private func recovering(_ command: CommandAPDU) throws(CardError) -> ResponseAPDU {
        let response = try exchange.send(command)
        guard response.status.high == 0x6E || response.status == .incorrectP1P2 else { return response }
        _ = try exchange.send(CommandAPDU(0x00, 0xA4, 0x04, 0x04, CPSApplication.root, le: 256))
        return try exchange.send(command)
    }
}
