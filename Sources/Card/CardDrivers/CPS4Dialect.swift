internal import Primitives
internal import SmartCard

/// CPS4 (ChipDoc applet): everything on logical channel 1, SELECT by path without `3F00`, raw RSA through PSO DECIPHER.
struct CPS4Dialect: CardDialect {
    let exchange: APDUExchange
    let longestRead = 256

    private static let channelOne: UInt8 = 0x01

    init(_ channel: any CardChannel) { exchange = APDUExchange(channel) }

    /// Opens channel 1 by selecting the applet on it; when that is refused, goes by way of the issuer domain and the legacy applet.
    func open() throws(CardError) {
        let applet = CommandAPDU(Self.channelOne, 0xA4, 0x04, 0x0C, CPSApplication.root)
        if try exchange.send(applet).status == .ok { return }
        _ = try exchange.send(CommandAPDU(Self.channelOne, 0xA4, 0x04, 0x0C, CPSApplication.issuerDomain))
        _ = try exchange.send(CommandAPDU(0x00, 0xA4, 0x04, 0x0C, CPSApplication.legacy))
        let last = try exchange.send(applet)
        // The answer to reset is a CPS4's, but the applet is not there.
        guard last.status != .fileNotFound else { throw .cardForeign }
        guard last.status == .ok else { throw .unexpectedStatus(last.status, during: "select applet") }
    }

    func select(_ path: [UInt8], sized: Bool) throws(CardError) -> SelectedFile? {
        guard let (name, file) = CPSApplication.split(path) else { return try select(command(path)) }
        let application = try select(CommandAPDU(Self.channelOne, 0xA4, 0x04, 0x0C, name))
        guard application != nil, !file.isEmpty else { return application }
        return try select(CommandAPDU(Self.channelOne, 0xA4, 0x09, 0x00, file, le: 256))
    }

    private func select(_ command: CommandAPDU) throws(CardError) -> SelectedFile? {
        var response = try exchange.send(command)
        // A closed channel, or another applet on it that has none of our files: what another program or a reset leaves behind.
        if response.status != .ok {
            try open()
            response = try exchange.send(command)
        }
        switch response.status {
        case .ok: return SelectedFile(template: response.data)
        case .fileNotFound: return nil
        default: throw .unexpectedStatus(response.status, during: "select file")
        }
    }

    func read(offset: Int, count: Int) throws(CardError) -> ResponseAPDU {
        try exchange.send(CommandAPDU(Self.channelOne, 0xB0, UInt8(offset >> 8 & 0x7F), UInt8(offset & 0xFF), le: count))
    }

    func pinStatus(_ pin: PINObject, application: [UInt8]) throws(CardError) -> PINStatus {
        let response = try exchange.send(CommandAPDU(Self.channelOne, 0x20, 0x00, pin.reference))
        switch response.status {
        case .ok: return PINStatus(triesLeft: nil, verified: true)
        case .authenticationMethodBlocked: return PINStatus(triesLeft: 0, verified: false)
        default:
            guard let tries = response.status.triesLeft else { throw .unexpectedStatus(response.status, during: "read tries left") }
            return PINStatus(triesLeft: tries, verified: false)
        }
    }

    func verify(_ pin: PINObject, _ block: borrowing Secret) throws(CardError) -> StatusWord {
        try exchange.send(secretCommand(verifyHeader(pin), block))
    }

    func verifyHeader(_ pin: PINObject) -> [UInt8] { [Self.channelOne, 0x20, 0x00, pin.reference] }

    /// An empty VERIFY tells of the PUK what it tells of the PIN; uses are not told.
    func codeStatus(_ code: PINObject, application: [UInt8]) throws(CardError) -> CodeStatus {
        let status = try pinStatus(code, application: application)
        return CodeStatus(counter: CodeCounter(triesLeft: status.triesLeft, usesLeft: nil), verified: status.verified)
    }

    /// VERIFY of the old value, then the new one alone. Only a plain success of the first lets the second follow: with the PIN verified
    /// by another program the card would take a new one from anybody.
    func change(_ pin: PINObject, old: borrowing Secret, new: borrowing Secret) throws(CardError) {
        let answer = try verify(pin, old)
        guard answer == .ok else { throw .refusal(ofPIN: answer, during: "change PIN") }
        try set(pin, new)
    }

    /// RESET RETRY COUNTER without data, its reference with bit 8 set, then the new value.
    func unblock(_ pin: PINObject, new: borrowing Secret) throws(CardError) {
        let unblocked = try exchange.send(CommandAPDU(Self.channelOne, 0x2C, 0x03, pin.reference | 0x80)).status
        guard unblocked == .ok else { throw .refusal(ofNewPIN: unblocked, during: "unblock PIN") }
        try set(pin, new)
    }

    private func set(_ pin: PINObject, _ new: borrowing Secret) throws(CardError) {
        let status = try exchange.send(secretCommand([Self.channelOne, 0x24, 0x01, pin.reference], new))
        guard status == .ok else { throw .refusal(ofNewPIN: status, during: "set new PIN") }
    }

    func authenticate(_ key: KeyObject, digest: [UInt8]) throws(CardError) -> [UInt8] {
        let environment = CommandAPDU(Self.channelOne, 0x22, 0x41, 0xB8, [0x83, 0x01, key.reference])
        let prepared = try exchange.send(environment)
        guard prepared.status == .ok else { throw .unexpectedStatus(prepared.status, during: "choose key") }
        // The whole PKCS#1 v1.5 block is built here and the card does bare RSA on it, without padding indicator.
        let info = digestInfoSHA256(digest)
        let size = key.modulusBytes
        guard size >= info.count + 11 else { throw .cardDamaged("key size") }
        let block = [0x00, 0x01] + [UInt8](repeating: 0xFF, count: size - info.count - 3) + [0x00] + info
        let response = try exchange.sendChained(Self.channelOne, 0x2A, 0x80, 0x86, block, le: 256)
        return try signature(in: response, during: "sign challenge")
    }

    func sign(_ key: KeyObject, digest: [UInt8]) throws(CardError) -> [UInt8] {
        // Tag 91: algorithm 28 (SHA-256 with PKCS#1 v1.5), the key with bit 80; then the bare hash.
        try computeSignature(
            CommandAPDU(Self.channelOne, 0x22, 0x81, 0xB6, [0x91, 0x02, 0x28, key.reference | 0x80]),
            CommandAPDU(Self.channelOne, 0x2A, 0x9E, 0x9A, digest, le: 256))
    }

    private func command(_ path: [UInt8]) -> CommandAPDU {
        let relative = Array(path.dropFirst(2))
        if relative.isEmpty { return CommandAPDU(Self.channelOne, 0xA4, 0x00, 0x00, path, le: 256) }
        return CommandAPDU(Self.channelOne, 0xA4, 0x08, 0x00, relative, le: 256)
    }
}
